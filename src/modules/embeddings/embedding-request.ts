import type { UpstreamCall } from '../../platform/upstream/upstream-call.js';
import type { ConnectionTarget } from '../agents/connection-target.js';
import type { EmbeddingWires, EmbeddingWords } from './embedding-wires.js';

/** What one call asks of whom. */
export interface EmbeddingQuestion {
  readonly connection: ConnectionTarget;
  readonly model: string;
  readonly texts: readonly string[];
  /** `req_…` of the request that the call serves. */
  readonly requestId: string;
  /** The headers that sign in, name and value in turn. */
  readonly signIn: readonly string[];
}

/** A call for vectors, and how its answer is read; `words` is undefined where that is OpenAI's. */
export interface EmbeddingRequest {
  readonly call: UpstreamCall & { readonly headers: string[] };
  readonly words: EmbeddingWords | undefined;
}

/** @throws AppError what the connection cannot be asked. */
export function embeddingRequest(
  { connection, model, texts, requestId, signIn }: EmbeddingQuestion,
  wires: EmbeddingWires,
): EmbeddingRequest {
  const { origin, wireHeaders, staticHeaders, way } = connection;
  const headers = ['content-type', 'application/json', 'accept', 'application/json', 'accept-encoding', 'identity'];
  headers.push('user-agent', 'gt-api', 'x-request-id', requestId, ...wireHeaders, ...staticHeaders, ...signIn);
  const words = wires.wordsFor(connection, model, texts);
  // Without `encoding_format`: numbers are what every provider gives when it is not asked for something else.
  const { path, body } = words ?? {
    path: connection.pathsOf(model).embeddings,
    body: Buffer.from(JSON.stringify({ model, input: texts })),
  };
  return { call: { origin, path, method: 'POST', headers, body, way }, words };
}
