import { Injectable } from '@nestjs/common';
import { AppError } from '../../../kernel/app-error.js';
import type { ConnectionTarget } from '../../agents/connection-target.js';
import { EmbeddingWires, type EmbeddingWords } from '../../embeddings/embedding-wires.js';
import { printExact } from '../wire/exact-json.js';
import { dialects } from './dialects.js';
import { pathBelow } from './over-dialect.js';

/** Says what the platform itself asks for vectors in the words of providers' own wires. */
@Injectable()
export class SpokenEmbeddings extends EmbeddingWires {
  wordsFor(
    { dialect, basePath, namedPaths }: ConnectionTarget,
    model: string,
    texts: readonly string[],
  ): EmbeddingWords | undefined {
    if (dialect === undefined) return undefined;
    const { embeddings, refusalStatus } = dialects[dialect] ?? {};
    if (embeddings === undefined) throw new AppError('unsupported_modality');
    const { path, body } = embeddings.request({ model, input: texts }, { path: namedPaths.embeddings });
    return {
      path: pathBelow(basePath, path),
      body: Buffer.from(printExact(body)),
      read: (given) => embeddings.whole(given),
      meantBy: (status, refusal) => refusalStatus?.(status, refusal) ?? status,
    };
  }
}
