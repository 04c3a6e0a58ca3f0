import { anthropic } from '../dialects/anthropic/anthropic.js';
import type { ChatDialect, EmbeddingsDialect } from '../dialects/dialect.js';
import { geminiChat } from '../dialects/gemini/gemini-dialect.js';
import { geminiRefusalStatus } from '../dialects/gemini/refusal-status.js';
import { geminiEmbeddings } from '../dialects/gemini/gemini-embeddings.js';
import { sdkDialects } from '../dialects/sdk/sdk-dialects.js';

/** What a wire that is not OpenAI's can be asked. */
interface Dialect {
  readonly chat: ChatDialect;
  readonly embeddings?: EmbeddingsDialect;
  /** What a refusal means by its status, where the provider's own says something else. */
  readonly refusalStatus?: (status: number, body: Buffer) => number;
}

/** The dialects by the names of their wires. */
export const dialects: Readonly<Record<string, Dialect>> = {
  anthropic: { chat: anthropic },
  gemini: { chat: geminiChat, embeddings: geminiEmbeddings, refusalStatus: geminiRefusalStatus },
  ...sdkDialects,
};
