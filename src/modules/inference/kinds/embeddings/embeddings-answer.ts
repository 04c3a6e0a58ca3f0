import type { Answer, ReplyFlow, WholeReply } from '../../call/answer.js';
import { wrongAnswer } from '../../call/wrong-answer.js';
import { encodeEmbeddings, type EmbeddingEncoding } from '../../wire/embeddings-encoding.js';
import { LongReply } from '../../wire/long-reply.js';
import { editReply } from '../../wire/reply-edit.js';
import { readUsage } from '../../wire/usage-tokens.js';

/** How vectors are read and written: as they came where they have the asked encoding. */
export class EmbeddingsAnswer implements Answer {
  constructor(
    private readonly publishedName: string,
    private readonly encoding: EmbeddingEncoding,
  ) {}

  reply(bytes: Buffer): WholeReply {
    const edited = editReply(bytes, this.publishedName, 'data');
    if (!edited.ok) throw wrongAnswer(`the provider's reply is no answer: ${edited.message}`);
    return { bytes: encodeEmbeddings(edited.bytes, this.encoding), tokens: readUsage(edited.usage) };
  }

  flow(): ReplyFlow {
    return new LongReply(this.publishedName, 'data', this.encoding);
  }
}
