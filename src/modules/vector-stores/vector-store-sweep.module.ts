import { Module } from '@nestjs/common';
import { StoreSweepRepository } from './store-sweep.repository.js';
import { StoreSweepService } from './store-sweep.service.js';

/** What workers do with vector stores: remove what has left them. */
@Module({
  providers: [StoreSweepRepository, StoreSweepService],
  exports: [StoreSweepService],
})
export class VectorStoreSweepModule {}
