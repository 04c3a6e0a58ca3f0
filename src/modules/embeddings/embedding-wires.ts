import type { Fields } from '../../kernel/fields.js';
import type { ConnectionTarget } from '../agents/connection-target.js';

/** What a provider of a wire that is not OpenAI's is asked for vectors, and how its answer is read. */
export interface EmbeddingWords {
  readonly path: string;
  readonly body: Buffer;
  /** An answer, as OpenAI would have said it. */
  read(given: Fields): Fields;
  /** What a refusal means by its status. */
  meantBy(status: number, body: Buffer): number;
}

/** How texts are embedded over wires that are not OpenAI's. Who speaks those wires provides it: modules/inference. */
export abstract class EmbeddingWires {
  /**
   * Undefined for a connection that speaks OpenAI's wire.
   * @throws AppError unsupported_modality for a wire without embeddings; invalid_value for a model that it cannot name.
   */
  abstract wordsFor(connection: ConnectionTarget, model: string, texts: readonly string[]): EmbeddingWords | undefined;
}
