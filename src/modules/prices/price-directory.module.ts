import { Module } from '@nestjs/common';
import { Metrics } from '../../observability/metrics.js';
import { CallPricing } from './call-pricing.js';
import { PriceDirectory } from './price-directory.js';
import { PriceDirectoryRepository } from './price-directory.repository.js';
import { PricesRepository } from './prices.repository.js';

/** Prices as each process has them in memory, and by which of them a call is priced: for the gates, and for who explains prices. */
@Module({
  providers: [
    PriceDirectory,
    PriceDirectoryRepository,
    PricesRepository,
    {
      provide: CallPricing,
      useFactory: (directory: PriceDirectory, metrics: Metrics) => new CallPricing(directory, metrics),
      inject: [PriceDirectory, Metrics],
    },
  ],
  exports: [PriceDirectory, PricesRepository, CallPricing],
})
export class PriceDirectoryModule {}
