import type { Answer, WholeReply } from '../call/answer.js';
import { wrongAnswer } from '../call/wrong-answer.js';
import { printExact } from '../wire/exact-json.js';
import { GatheredChat } from './gathered-chat.js';
import { GatheredResponse } from './gathered-response.js';
import { eventsIn } from './events-in.js';

const objectStart = 0x7b;

/** The plain answer of a provider that was asked for a stream: its events are put together to the reply that they are of. */
export class GatheredAnswer implements Answer {
  readonly inEvents = true;

  constructor(
    private readonly plain: Answer,
    private readonly form: 'chat' | 'responses',
  ) {}

  reply(bytes: Buffer): WholeReply {
    if (startsAnObject(bytes)) return this.plain.reply(bytes);
    const gathered = this.form === 'chat' ? new GatheredChat() : new GatheredResponse();
    for (const event of eventsIn(bytes)) gathered.take(event);
    const whole = gathered.whole();
    if (whole === undefined) throw wrongAnswer('its stream ended before it was complete');
    return this.plain.reply(Buffer.from(printExact(whole)));
  }

  /** Nothing can go out before the end has come. */
  flow(): undefined {
    return undefined;
  }
}

function startsAnObject(bytes: Buffer): boolean {
  let at = 0;
  while (at < bytes.length && (bytes[at] ?? 0) <= 0x20) at += 1;
  return bytes[at] === objectStart;
}
