import { Global, Module } from '@nestjs/common';
import { EmbeddingWires } from '../../embeddings/embedding-wires.js';
import { SpokenEmbeddings } from './spoken-embeddings.js';

/** Global: modules/embeddings needs it and must not know who speaks the wires, which ask it for vectors themselves. */
@Global()
@Module({ providers: [{ provide: EmbeddingWires, useClass: SpokenEmbeddings }], exports: [EmbeddingWires] })
export class SpokenEmbeddingsModule {}
