import type { Answer, ReplyFlow, WholeReply } from '../../call/answer.js';
import { wrongAnswer } from '../../call/wrong-answer.js';
import { LongReply } from '../../wire/long-reply.js';
import { editReply } from '../../wire/reply-edit.js';
import { readUsage } from '../../wire/usage-tokens.js';

/** How judgements are read and written: as they came, with the published name of the model. */
export class ModerationsAnswer implements Answer {
  constructor(private readonly publishedName: string) {}

  reply(bytes: Buffer): WholeReply {
    const edited = editReply(bytes, this.publishedName, 'results');
    if (!edited.ok) throw wrongAnswer(`the provider's reply is no answer: ${edited.message}`);
    return { bytes: edited.bytes, tokens: readUsage(edited.usage) };
  }

  flow(): ReplyFlow {
    return new LongReply(this.publishedName, 'results');
  }
}
