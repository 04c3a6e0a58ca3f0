import { Controller, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Config } from '../../../config/config.module.js';
import type { NewSession } from '../../../modules/sessions/session-record.js';
import { MemberLinksService } from '../../../modules/sign-in/member-links.service.js';
import { OidcSignInService } from '../../../modules/sign-in/oidc/oidc-sign-in.service.js';
import { SignInService } from '../../../modules/sign-in/sign-in.service.js';
import { AdminFailures } from '../../auth/admin-failures.js';
import { CalledTenant } from '../../auth/called-tenant.js';
import { setCookie } from '../../auth/session-cookie.js';
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
    private readonly oidc: OidcSignInService,
    private readonly called: CalledTenant,
    private readonly failures: AdminFailures,
    private readonly config: Config,
  ) {}

  @AdminRoute('sign-in.password')
  async create(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    adminQueryOf(request, 'sign-in.password');
    const input = adminBodyOf(request, 'sign-in.password');
    const tenantId = await this.called.of(request, input.tenant);
    return this.begun(request, reply, () => this.signIn.withPassword(tenantId, input, signInCallOf(request)));
  }

  @AdminRoute('sign-in.link')
  async link(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'sign-in.link');
    const { link } = adminBodyOf(request, 'sign-in.link');
    const { kind, tenantId, tenant, member, expiresAt } = await this.failures.of(request, () => this.links.show(link));
    return {
      object: 'member_link.shown' as const,
      kind: kind as 'invitation' | 'recovery',
      tenant: tenant.slug,
      tenant_name: tenant.name,
      email: member.email,
      oidc: await this.oidc.isThere(tenantId),
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
    const { session, secret } = await this.failures.of(request, begin);
    setCookie(request, reply, this.config, 'session', secret);
    return presentSession(session, session.id);
  }
}
