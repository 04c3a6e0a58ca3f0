import { Inject, Injectable } from '@nestjs/common';
import { Config } from '../../config/config.module.js';
import { FairPlaces } from '../../kernel/fair-places.js';

/** How many calls may wait for a place, and how long, in milliseconds: as long as for a connection to the database. */
const maxWaiting = 10_000;
const waitMs = 15_000;

/** The places of this process for calls to providers that are made for tenants. */
@Injectable()
export class CallPlaces extends FairPlaces {
  constructor(@Inject(Config) config: Pick<Config, 'GT_MAX_UPSTREAM_CALLS' | 'GT_TENANT_SHARE_PERCENT'>) {
    super({ places: config.GT_MAX_UPSTREAM_CALLS, sharePercent: config.GT_TENANT_SHARE_PERCENT, maxWaiting, waitMs });
  }
}
