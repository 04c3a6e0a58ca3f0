import { Module } from '@nestjs/common';
import { LimitStoreModule } from '../../platform/limits/limit-store.module.js';
import { QueueModule } from '../../platform/queue/queue.module.js';
import { StorageModule } from '../../platform/storage/storage.module.js';
import { FilesModule } from '../files/files.module.js';
import { ErasureModule } from './erasure.module.js';
import { ErasureRunner } from './erasure-runner.js';
import { ErasureSearch } from './erasure-search.js';
import { ErasureSweep } from './erasure-sweep.js';
import { TenantLeftovers } from './tenant-leftovers.js';
import { TenantRowsRepository } from './tenant-rows.repository.js';

/** What workers do of erasures: rows, then what is outside of the database, then a search for what is left. */
@Module({
  imports: [ErasureModule, FilesModule, LimitStoreModule, QueueModule, StorageModule],
  providers: [ErasureRunner, ErasureSearch, ErasureSweep, TenantLeftovers, TenantRowsRepository],
  exports: [ErasureRunner, ErasureSweep],
})
export class ErasureRunsModule {}
