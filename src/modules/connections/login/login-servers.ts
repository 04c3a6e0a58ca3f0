import { Injectable } from '@nestjs/common';
import { loginSettings } from '../../../contracts/connection-logins.js';
import { EgressClient } from '../../../platform/upstream/egress-client.js';
import { ConnectionWays } from '../connection-ways.js';
import { LoginAddresses } from './login-addresses.js';
import { endpointsOf, needsDiscovery, type LoginEndpoints } from './login-endpoints.js';
import { LoginError } from './login-error.js';
import { LoginSecrets } from './login-secrets.js';
import type { Asker, OauthServer } from './oauth-server.js';

/** What of a login's row its server hangs on. */
export interface ServedLogin {
  readonly tenantId: string;
  readonly id: string;
  readonly settings: unknown;
  readonly clientSecret: Uint8Array | null;
  readonly discovered: unknown;
}

/** Most processes never ask an OAuth server: the library that does costs them nothing. */
const library = () => import('./oauth-server.js');

/** Opens the way to the OAuth server of a login. */
@Injectable()
export class LoginServers {
  constructor(
    private readonly client: EgressClient,
    private readonly addresses: LoginAddresses,
    private readonly secrets: LoginSecrets,
    private readonly ways: ConnectionWays,
  ) {}

  /** It goes the way of the connection, as its calls do. @throws LoginError, SealError. */
  async of(login: ServedLogin, discovered: unknown = login.discovered): Promise<OauthServer> {
    const { OauthServer } = await library();
    const settings = loginSettings.parse(login.settings);
    const secret = this.secrets.openSecret(login, login.clientSecret);
    return new OauthServer(await this.askerFor(login), settings, endpointsOf(settings, discovered), secret);
  }

  /**
   * What the issuer names, where its addresses are needed; null where they are not. They are judged like those that a person
   * gives. @throws LoginError; AppError invalid_value for an address that may not be called.
   */
  async look(login: ServedLogin): Promise<LoginEndpoints | null> {
    const settings = loginSettings.parse(login.settings);
    const { issuer, grant } = settings;
    if (issuer === null || !needsDiscovery(settings)) return null;
    const { discover } = await library();
    const named = await discover(await this.askerFor(login), issuer, settings.client_id);
    const asked = endpointsOf(settings, named);
    if (asked.token_endpoint === null) throw new LoginError('misconfigured', 'no_token_endpoint');
    await this.addresses.judge({
      token_endpoint: asked.token_endpoint,
      ...(grant === 'authorization_code' ? { authorization_endpoint: asked.authorization_endpoint } : {}),
      ...(grant === 'device_code' ? { device_authorization_endpoint: asked.device_authorization_endpoint } : {}),
    });
    return named;
  }

  /** The login's connection has the same id. */
  private async askerFor(login: ServedLogin): Promise<Asker> {
    return { client: this.client, way: await this.ways.find(login) };
  }
}
