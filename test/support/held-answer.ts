import type { ServerResponse } from 'node:http';
import { eventsOf, message } from './responses-provider.js';
import type { Answer } from './recording-provider.js';
import { until } from './until.js';

/** An answer in typed events that stops in its middle until it is let go on. */
export interface HeldAnswer {
  readonly answer: Answer;
  /** Waits until the provider has sent the first half. */
  begun(): Promise<void>;
  /** Sends the rest. */
  release(): void;
  /** The connection was broken off before the end. */
  readonly broken: () => boolean;
}

/** Says this text; of `firstEvents` events the first are sent at once. */
export function heldAnswer(text: string, firstEvents = 6): HeldAnswer {
  const events = eventsOf([message(text)]);
  let response: ServerResponse | undefined;
  let isBroken = false;
  const send = (some: readonly object[]): void => {
    for (const event of some) response?.write(`event: ${(event as { type: string }).type}\ndata: ${JSON.stringify(event)}\n\n`);
  };
  return {
    answer: (_body, to) => {
      response = to;
      to.once('close', () => (isBroken ||= !to.writableFinished));
      to.setHeader('content-type', 'text/event-stream');
      send(events.slice(0, firstEvents));
    },
    begun: async () => void (await until('the provider was asked', () => response !== undefined)),
    release: () => {
      send(events.slice(firstEvents));
      response?.end();
    },
    broken: () => isBroken,
  };
}
