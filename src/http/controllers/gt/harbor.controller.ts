import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { decide } from '../../../catalog/decide.js';
import { Config } from '../../../config/config.module.js';
import type { HarborManifest } from '../../../contracts/harbor.js';
import { identityOf } from '../../auth/identity.js';
import { tenantBase, GtRoute } from '../../routing/gt-route.decorator.js';
import { publicOrigin } from '../../routing/public-origin.js';
import { queryOf } from '../../routing/row-query.js';

/** What a node of Harbor may do with a key: exactly what the guard lets the key do. Asks no database. */
@Controller()
export class HarborController {
  constructor(private readonly config: Config) {}

  @GtRoute('harbor.manifest')
  async get(@Req() request: FastifyRequest): Promise<HarborManifest> {
    queryOf(request, 'harbor.manifest');
    const { harborManifest } = await import('../../../catalog/harbor/manifest.js');
    const { key, tenant } = identityOf(request);
    const call = { key, tenant, ip: request.gt.ip, hostTenantId: undefined, nowMs: Date.now() };
    const baseUrl = publicOrigin(request, this.config) + tenantBase;
    return harborManifest(baseUrl, (row) => decide({ ...call, row }) === undefined);
  }
}
