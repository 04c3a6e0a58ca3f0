import { Controller, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Config } from '../../../config/config.module.js';
import { AppError } from '../../../kernel/app-error.js';
import type { NewSession } from '../../../modules/sessions/session-record.js';
import { MemberLinksService } from '../../../modules/sign-in/member-links.service.js';
import { SignInService } from '../../../modules/sign-in/sign-in.service.js';
import { HostDirectory } from '../../../modules/tenants/host-directory.js';
import { TenantLookupRepository } from '../../../modules/tenants/tenant-lookup.repository.js';
import { AdminFailures } from '../../auth/admin-failures.js';
import { setSessionCookie } from '../../auth/session-cookie.js';
import { signInCallOf } from '../../auth/sign-in-call.js';
import { toUnixSeconds } from '../../../contracts/times.js';
import { presentSession } from '../../presenters/session.presenter.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { adminBodyOf } from '../../routing/row-body.js';
import { adminQueryOf } from '../../routing/row-query.js';

/** The doors through which people come in. Who fails too often from one address waits. */
@Controller()
export class SignInController {
  constructor(
    private readonly signIn: SignInService,
    private readonly links: MemberLinksService,
    private readonly tenants: TenantLookupRepository,
    private readonly hosts: HostDirectory,
    private readonly failures: AdminFailures,
    private readonly config: Config,
  ) {}

  @AdminRoute('sign-in.password')
  async create(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    adminQueryOf(request, 'sign-in.password');
    const input = adminBodyOf(request, 'sign-in.password');
    const tenantId = await this.tenantOf(request, input.tenant);
    return this.begun(request, reply, () => this.signIn.withPassword(tenantId, input, signInCallOf(request)));
  }

  @AdminRoute('sign-in.link')
  async link(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'sign-in.link');
    const { link } = adminBodyOf(request, 'sign-in.link');
    const { kind, tenant, member, expiresAt } = await this.counting(request, () => this.links.show(link));
    return {
      object: 'member_link.shown' as const,
      kind: kind as 'invitation' | 'recovery',
      tenant: tenant.slug,
      tenant_name: tenant.name,
      email: member.email,
      oidc: false,
      expires_at: toUnixSeconds(expiresAt),
    };
  }

  @AdminRoute('sign-in.accept')
  async accept(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    adminQueryOf(request, 'sign-in.accept');
    const input = adminBodyOf(request, 'sign-in.accept');
    return this.begun(request, reply, () => this.links.accept(input, signInCallOf(request)));
  }

  private async begun(request: FastifyRequest, reply: FastifyReply, begin: () => Promise<NewSession>) {
    const { session, secret } = await this.counting(request, begin);
    setSessionCookie(request, reply, this.config, secret);
    return presentSession(session, session.id);
  }

  /** Whoever shows something wrong counts as a failure of the address. */
  private async counting<T>(request: FastifyRequest, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const isFailure = error instanceof AppError && (error.code === 'invalid_credentials' || error.code === 'not_found');
      throw isFailure ? (this.failures.count(request) ?? error) : error;
    }
  }

  /**
   * The tenant that is meant: by its slug, or by its host. On the host of one tenant nobody signs in to another.
   * @returns undefined where there is none. @throws AppError missing_required_parameter.
   */
  private async tenantOf(request: FastifyRequest, named: string | undefined): Promise<string | undefined> {
    const ofHost = this.hosts.ownerOf(request.hostname);
    if (named === undefined) {
      if (ofHost !== undefined) return ofHost;
      throw new AppError('missing_required_parameter', { param: 'tenant', message: 'Name the tenant, by its slug.' });
    }
    const found = await this.tenants.findId(named);
    return ofHost === undefined || ofHost === found ? found : undefined;
  }
}
