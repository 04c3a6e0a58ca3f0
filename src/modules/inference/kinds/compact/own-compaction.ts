import { newId } from '../../../../kernel/ids.js';
import type { Fields } from '../../../../kernel/fields.js';
import type { Answer, WholeReply } from '../../call/answer.js';
import { printExact } from '../../wire/exact-json.js';

/** The answer of a provider that was asked for a summary: what the user has said, and the sealed summary behind it. */
export class OwnCompaction implements Answer {
  /**
   * @param answer makes a response of the provider's reply, whose only item is the compaction.
   * @param users the user's messages.
   */
  constructor(
    private readonly answer: Answer,
    private readonly users: readonly Fields[],
  ) {}

  reply(bytes: Buffer): WholeReply {
    const reply = this.answer.reply(bytes);
    const response = JSON.parse(reply.bytes.toString('utf8')) as { readonly output: Fields[]; readonly usage: unknown };
    return { ...reply, bytes: compactionObject([...this.users, ...response.output], response.usage) };
  }

  flow(): undefined {
    return undefined;
  }
}

/** The object that `POST /responses/compact` answers. It is a window of input, and its id no response's that is kept. */
export function compactionObject(output: readonly Fields[], usage: unknown): Buffer {
  const created_at = Math.floor(Date.now() / 1000);
  return Buffer.from(printExact({ id: newId('response'), object: 'response.compaction', created_at, output, usage }));
}
