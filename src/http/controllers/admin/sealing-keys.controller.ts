import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { RotatedSecrets, SealingKeysObject } from '../../../contracts/sealing-keys.js';
import { SealingKeysService } from '../../../modules/sealing/sealing-keys.service.js';
import { operatorOf } from '../../auth/operator-actor.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { adminQueryOf } from '../../routing/row-query.js';

/** The doors of the sealing keys. */
@Controller()
export class SealingKeysController {
  constructor(private readonly keys: SealingKeysService) {}

  @AdminRoute('sealing-keys.list')
  async list(@Req() request: FastifyRequest): Promise<SealingKeysObject> {
    adminQueryOf(request, 'sealing-keys.list');
    const keys = await this.keys.show();
    return {
      object: 'list',
      data: keys.map((key) => {
        const removable = key.state === 'opening' && key.secrets + key.passing === 0;
        return { object: 'sealing_key' as const, ...key, removable };
      }),
    };
  }

  @AdminRoute('sealing-keys.rotate')
  async rotate(@Req() request: FastifyRequest): Promise<RotatedSecrets> {
    adminQueryOf(request, 'sealing-keys.rotate');
    const { resealed, hasMore, unopened } = await this.keys.rotate(operatorOf(request));
    return {
      object: 'sealing_keys.rotated',
      resealed,
      has_more: hasMore,
      unopened: unopened.map(({ what, tenantId, id }) => ({ what, tenant: tenantId, id })),
    };
  }
}
