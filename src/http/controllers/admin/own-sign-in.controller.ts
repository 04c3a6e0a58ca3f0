import { Controller, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Config } from '../../../config/config.module.js';
import { SessionsService } from '../../../modules/sessions/sessions.service.js';
import { OwnSignInService } from '../../../modules/sign-in/own-sign-in.service.js';
import { AdminFailures } from '../../auth/admin-failures.js';
import { setCookie } from '../../auth/session-cookie.js';
import { adminOf, authorOf } from '../../auth/author.js';
import { operatorOf } from '../../auth/operator-actor.js';
import { signInCallOf } from '../../auth/sign-in-call.js';
import { presentDeleted } from '../../presenters/deleted.presenter.js';
import { presentSession } from '../../presenters/session.presenter.js';
import { presentRecoveryCodes, presentSignIn } from '../../presenters/sign-in.presenter.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { adminBodyOf } from '../../routing/row-body.js';
import { adminQueryOf } from '../../routing/row-query.js';

/** What somebody who is signed in does with the own session, password and second factor. */
@Controller()
export class OwnSignInController {
  constructor(
    private readonly sessions: SessionsService,
    private readonly own: OwnSignInService,
    private readonly failures: AdminFailures,
    private readonly config: Config,
  ) {}

  @AdminRoute('session.begin')
  async create(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    adminQueryOf(request, 'session.begin');
    const place = signInCallOf(request);
    const { session, secret } = await this.sessions.ofOperator(adminOf(request), place, operatorOf(request));
    setCookie(request, reply, this.config, 'session', secret);
    return presentSession(session, session.id);
  }

  @AdminRoute('session.get')
  async get(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'session.get');
    const identity = adminOf(request);
    return presentSession(await this.sessions.current(identity), identity.sessionId);
  }

  @AdminRoute('session.end')
  async end(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    adminQueryOf(request, 'session.end');
    const id = await this.sessions.endCurrent(adminOf(request), authorOf(request));
    setCookie(request, reply, this.config, 'session', null);
    return presentDeleted('session', id);
  }

  @AdminRoute('session.end-others')
  async endOthers(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'session.end-others');
    return { object: 'sessions.ended' as const, ended: await this.sessions.endOthers(adminOf(request), authorOf(request)) };
  }

  @AdminRoute('sign-in.get')
  async signIn(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'sign-in.get');
    return presentSignIn(await this.own.show(adminOf(request)));
  }

  @AdminRoute('session.password')
  async password(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    adminQueryOf(request, 'session.password');
    const input = adminBodyOf(request, 'session.password');
    const { session, secret } = await this.failures.of(request, () =>
      this.own.changePassword(adminOf(request), input, signInCallOf(request)),
    );
    setCookie(request, reply, this.config, 'session', secret);
    return presentSession(session, session.id);
  }

  @AdminRoute('totp.set-up')
  async setUpTotp(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'totp.set-up');
    const { password } = adminBodyOf(request, 'totp.set-up');
    return {
      object: 'totp.setup' as const,
      ...(await this.failures.of(request, () => this.own.setUpTotp(adminOf(request), password, signInCallOf(request)))),
    };
  }

  @AdminRoute('totp.confirm')
  async confirmTotp(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    adminQueryOf(request, 'totp.confirm');
    const { code } = adminBodyOf(request, 'totp.confirm');
    const { value, secret } = await this.failures.of(request, () =>
      this.own.confirmTotp(adminOf(request), code, signInCallOf(request)),
    );
    setCookie(request, reply, this.config, 'session', secret);
    return presentRecoveryCodes(value);
  }

  @AdminRoute('totp.remove')
  async removeTotp(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    adminQueryOf(request, 'totp.remove');
    const proof = adminBodyOf(request, 'totp.remove');
    const { value, secret } = await this.failures.of(request, () =>
      this.own.removeTotp(adminOf(request), proof, signInCallOf(request)),
    );
    setCookie(request, reply, this.config, 'session', secret);
    return presentSignIn(value);
  }

  @AdminRoute('recovery-codes.renew')
  async recoveryCodes(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'recovery-codes.renew');
    const proof = adminBodyOf(request, 'recovery-codes.renew');
    return presentRecoveryCodes(
      await this.failures.of(request, () => this.own.renewRecoveryCodes(adminOf(request), proof, signInCallOf(request))),
    );
  }
}
