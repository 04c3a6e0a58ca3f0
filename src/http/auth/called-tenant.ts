import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../../kernel/app-error.js';
import { HostDirectory } from '../../modules/tenants/host-directory.js';
import { TenantLookupRepository } from '../../modules/tenants/tenant-lookup.repository.js';

/** Which tenant somebody means who is not signed in yet. */
@Injectable()
export class CalledTenant {
  constructor(
    private readonly tenants: TenantLookupRepository,
    private readonly hosts: HostDirectory,
  ) {}

  /**
   * The tenant that is meant: by its slug, or by its host. On the host of one tenant nobody signs in to another.
   * @returns undefined where there is none. @throws AppError missing_required_parameter.
   */
  async of(request: FastifyRequest, named: string | undefined): Promise<string | undefined> {
    const ofHost = this.hosts.ownerOf(request.hostname);
    if (named === undefined) {
      if (ofHost !== undefined) return ofHost;
      throw new AppError('missing_required_parameter', { param: 'tenant', message: 'Name the tenant, by its slug.' });
    }
    const found = await this.tenants.findId(named);
    return ofHost === undefined || ofHost === found ? found : undefined;
  }

  /** Whether the host that was called belongs to a tenant. */
  isCalledByHost(request: FastifyRequest): boolean {
    return this.hosts.ownerOf(request.hostname) !== undefined;
  }
}
