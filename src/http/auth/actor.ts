import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../../kernel/app-error.js';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import { TenantLookupRepository } from '../../modules/tenants/tenant-lookup.repository.js';
import { adminOf, authorOf } from './author.js';

/**
 * Who acts in which tenant. A member acts in the own one; an operator names it by `?tenant=` or the body's `tenant`
 * (slug or id). Naming a foreign tenant as a member is like naming one that does not exist.
 */
@Injectable()
export class Actors {
  constructor(private readonly tenants: TenantLookupRepository) {}

  /**
   * @param bodyTenant the body's `tenant`, where the route has one.
   * @throws AppError missing_required_parameter, not_found.
   */
  async of(request: FastifyRequest, bodyTenant?: string): Promise<Actor> {
    const admin = adminOf(request);
    const queryTenant = (request.query as Readonly<Record<string, unknown>>)['tenant'];
    const named = bodyTenant ?? (typeof queryTenant === 'string' ? queryTenant : undefined);
    const tenantId = await this.tenantId(admin.tenantId, named);
    return {
      ...authorOf(request),
      tenantId,
      role: admin.role,
      memberId: admin.memberId,
      isSession: admin.sessionId !== undefined,
    };
  }

  private async tenantId(own: string | null, named: string | undefined): Promise<string> {
    if (named === undefined) {
      if (own !== null) return own;
      throw new AppError('missing_required_parameter', {
        param: 'tenant',
        message: 'As an operator, name the tenant: ?tenant=<slug>.',
      });
    }
    const id = own === named ? own : await this.tenants.findId(named);
    if (id === undefined || (own !== null && id !== own))
      throw new AppError('not_found', { param: 'tenant', message: 'No such tenant.' });
    return id;
  }
}
