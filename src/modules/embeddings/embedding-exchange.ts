import { isFields } from '../../kernel/fields.js';
import type { WholeReply } from '../../platform/upstream/whole-exchange.js';
import type { EmbeddingWords } from './embedding-wires.js';

/** What a provider answered, whole. */
export type EmbeddingReply = WholeReply;

/** The reply of a provider of another wire as OpenAI would have said it; the same for one that speaks OpenAI's. */
export function inOpenAiWords(reply: EmbeddingReply, words: EmbeddingWords | undefined): EmbeddingReply {
  if (words === undefined) return reply;
  const status = reply.status >= 400 ? words.meantBy(reply.status, reply.bytes) : reply.status;
  return { ...reply, status, body: status < 400 && isFields(reply.body) ? words.read(reply.body) : undefined };
}
