import { z } from 'zod';
import type { LoginSettings } from '../../../contracts/connection-logins.js';

const address = z.string().nullable().default(null);

/** Where a login's requests go. */
export const loginEndpoints = z.object({
  authorization_endpoint: address,
  token_endpoint: address,
  device_authorization_endpoint: address,
});

export type LoginEndpoints = z.infer<typeof loginEndpoints>;

/** Whether the issuer must be asked for addresses that the settings do not name. */
export function needsDiscovery(settings: LoginSettings): boolean {
  const { grant, issuer, authorization_endpoint: authorization, device_authorization_endpoint: device } = settings;
  if (issuer === null) return false;
  if (settings.token_endpoint === null) return true;
  return (grant === 'authorization_code' && authorization === null) || (grant === 'device_code' && device === null);
}

/** The addresses of a login: what its settings name comes before what its issuer has named. */
export function endpointsOf(settings: LoginSettings, discovered: unknown): LoginEndpoints {
  const named = loginEndpoints.parse(discovered ?? {});
  return {
    authorization_endpoint: settings.authorization_endpoint ?? named.authorization_endpoint,
    token_endpoint: settings.token_endpoint ?? named.token_endpoint,
    device_authorization_endpoint: settings.device_authorization_endpoint ?? named.device_authorization_endpoint,
  };
}
