import type { ConnectionLoginObject } from '../../contracts/connection-logins.js';
import type { LoginStep } from '../../modules/connections/login/connection-logins.service.js';

/** A login on its way, or at its end. */
export function presentLogin(step: LoginStep): ConnectionLoginObject {
  return {
    object: 'connection_login',
    connection: step.connectionId,
    status: step.isComplete ? 'complete' : 'pending',
    grant: step.grant,
    attempt: step.attempt ?? null,
    authorization_url: step.authorizationUrl ?? null,
    redirect_uri: step.redirectUri ?? null,
    user_code: step.userCode ?? null,
    verification_uri: step.verificationUri ?? null,
    verification_uri_complete: step.verificationUriComplete ?? null,
    interval: step.interval ?? null,
    expires_at: step.lastsSeconds === undefined ? null : Math.floor(Date.now() / 1000 + step.lastsSeconds),
  };
}
