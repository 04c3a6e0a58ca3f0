import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from '../../config/config.module.js';
import { TenantDatabase } from '../database/tenant-database.js';
import { MemoryVectorSearch } from './memory/memory-vector-search.js';
import { pgvectorDatabase } from './pgvector/pgvector-database.js';
import { preparePgvector } from './pgvector/pgvector-schema.js';
import { PgvectorVectorSearch } from './pgvector/pgvector-vector-search.js';
import { VectorSearch } from './vector-search.js';

/**
 * Search by vectors: pgvector where the database has it, else search in memory, in a thread that starts with the first search.
 * Which one it is shows only in speed.
 */
@Module({
  providers: [{ provide: VectorSearch, useFactory: chooseVectorSearch, inject: [Config, TenantDatabase] }],
  exports: [VectorSearch],
})
export class VectorsModule implements OnApplicationShutdown {
  constructor(private readonly vectors: VectorSearch) {}

  async onApplicationShutdown(): Promise<void> {
    await this.vectors.close();
  }
}

async function chooseVectorSearch(config: Config, tenants: TenantDatabase): Promise<VectorSearch> {
  const database = pgvectorDatabase(tenants, config.DATABASE_URL);
  if (await database.asOwner(preparePgvector)) return new PgvectorVectorSearch(database);
  return new MemoryVectorSearch({ databaseUrl: config.DATABASE_URL, memoryBytes: config.GT_VECTOR_CACHE_BYTES });
}
