import { Global, Module } from '@nestjs/common';
import { Config } from '../../config/config.module.js';
import { AddressFetcher, publicEgress } from './address-fetcher.js';
import { CallPlaces } from './call-places.js';
import { EgressClient } from './egress-client.js';
import { EgressPolicy } from './egress-policy.js';

/**
 * The way out to providers and every other configured host: EgressPolicy judges an address when it is saved,
 * EgressClient makes the calls and judges again when it connects. Nothing else in the product opens a connection to
 * an address that a tenant chose, and nothing else imports undici. AddressFetcher fetches what stands at addresses that come
 * with requests, through an egress client of its own with a stricter policy.
 */
@Global()
@Module({
  providers: [
    CallPlaces,
    {
      provide: EgressPolicy,
      useFactory: (config: Config) => new EgressPolicy(config.GT_ALLOW_PRIVATE_UPSTREAMS),
      inject: [Config],
    },
    {
      provide: EgressClient,
      useFactory: (config: Config, policy: EgressPolicy, places: CallPlaces) => new EgressClient(config, policy, { places }),
      inject: [Config, EgressPolicy, CallPlaces],
    },
    {
      provide: AddressFetcher,
      useFactory: (config: Config) => new AddressFetcher(publicEgress(config)),
      inject: [Config],
    },
  ],
  exports: [AddressFetcher, CallPlaces, EgressPolicy, EgressClient],
})
export class UpstreamModule {}
