import { Controller, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Config } from '../../../config/config.module.js';
import { toUnixSeconds } from '../../../contracts/times.js';
import type { OidcObject } from '../../../contracts/oidc.js';
import { OidcSettingsService } from '../../../modules/sign-in/oidc/oidc-settings.service.js';
import { OidcSignInService } from '../../../modules/sign-in/oidc/oidc-sign-in.service.js';
import type { OidcRecord } from '../../../modules/sign-in/oidc/oidc.repository.js';
import { tripSeconds } from '../../../modules/sign-in/oidc/trip-seconds.js';
import { Actors } from '../../auth/actor.js';
import { AdminFailures } from '../../auth/admin-failures.js';
import { CalledTenant } from '../../auth/called-tenant.js';
import { cookieOf, setCookie } from '../../auth/session-cookie.js';
import { signInCallOf } from '../../auth/sign-in-call.js';
import { presentDeleted } from '../../presenters/deleted.presenter.js';
import { presentSession } from '../../presenters/session.presenter.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { readersOrigin } from '../../routing/public-origin.js';
import { adminBodyOf } from '../../routing/row-body.js';
import { adminQueryOf } from '../../routing/row-query.js';

/** The doors of a tenant's own sign-in: its settings, and those who come in by it. */
@Controller()
export class OidcController {
  constructor(
    private readonly settings: OidcSettingsService,
    private readonly signIn: OidcSignInService,
    private readonly actors: Actors,
    private readonly called: CalledTenant,
    private readonly failures: AdminFailures,
    private readonly config: Config,
  ) {}

  @AdminRoute('oidc.get')
  async get(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'oidc.get');
    return this.present(request, await this.settings.get(await this.actors.of(request)));
  }

  @AdminRoute('oidc.set')
  async set(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'oidc.set');
    const input = adminBodyOf(request, 'oidc.set');
    return this.present(request, await this.settings.set(await this.actors.of(request, input.tenant), input));
  }

  @AdminRoute('oidc.delete')
  async delete(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'oidc.delete');
    return presentDeleted('oidc', await this.settings.delete(await this.actors.of(request)));
  }

  @AdminRoute('sign-in.oidc')
  async begin(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    adminQueryOf(request, 'sign-in.oidc');
    const { tenant, link } = adminBodyOf(request, 'sign-in.oidc');
    const tenantId = await this.called.of(request, tenant);
    const begun = await this.failures.of(request, () => this.signIn.begin(tenantId, this.redirectUri(request), link));
    setCookie(request, reply, this.config, 'oidc', begun.cookie);
    return { object: 'oidc.sign_in' as const, authorization_url: begun.authorizationUrl, expires_in: tripSeconds };
  }

  @AdminRoute('sign-in.oidc-complete')
  async complete(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    adminQueryOf(request, 'sign-in.oidc-complete');
    const { callback_url: callback } = adminBodyOf(request, 'sign-in.oidc-complete');
    const cookie = cookieOf(request, this.config, 'oidc');
    const { session, secret } = await this.failures.of(request, () =>
      this.signIn.complete(cookie, new URL(callback), signInCallOf(request)),
    );
    setCookie(request, reply, this.config, 'oidc', null);
    setCookie(request, reply, this.config, 'session', secret);
    return presentSession(session, session.id);
  }

  /** On a host of the tenant the browser comes back to that host, where its cookie is. */
  private redirectUri(request: FastifyRequest): string {
    return `${readersOrigin(request, this.config, this.called.isCalledByHost(request))}/console/sign-in`;
  }

  private present(request: FastifyRequest, record: OidcRecord): OidcObject {
    return {
      object: 'oidc',
      id: record.id,
      tenant: record.tenant.slug,
      issuer: record.issuer,
      client_id: record.clientId,
      has_client_secret: record.clientSecret !== null,
      client_auth: record.clientAuth as OidcObject['client_auth'],
      scopes: record.scopes,
      redirect_uri: this.redirectUri(request),
      created_at: toUnixSeconds(record.createdAt),
      updated_at: toUnixSeconds(record.updatedAt),
    };
  }
}
