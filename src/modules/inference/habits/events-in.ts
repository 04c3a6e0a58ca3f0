import type { Fields } from '../../../kernel/fields.js';
import { providerObject } from '../call/provider-json.js';
import { readSseBlock } from '../wire/sse-block.js';
import { SseFramer } from '../wire/sse-framer.js';

/**
 * The events of a whole stream that hold JSON, in their order. What has no `type` of its own has that of its event line.
 * @throws AppError upstream_error for one that cannot be read.
 */
export function eventsIn(bytes: Buffer): Fields[] {
  const events: Fields[] = [];
  const framer = new SseFramer({ maxEventBytes: bytes.length });
  const take = (block: Buffer): void => {
    const { data, event } = readSseBlock(block.toString('latin1'));
    const said = data === null ? undefined : providerObject(Buffer.from(data, 'latin1'));
    if (said === undefined) return;
    events.push(event === null || said['type'] !== undefined ? said : { type: event, ...said });
  };
  framer.push(bytes, {
    block: (chunk, start, end) => {
      take(chunk.subarray(start, end));
      return true;
    },
  });
  const pending = framer.takePending();
  if (pending.length > 0) take(pending);
  return events;
}
