import * as oidc from 'openid-client';
import type { LoginSettings } from '../../../contracts/connection-logins.js';
import type { EgressClient } from '../../../platform/upstream/egress-client.js';
import { egressFetch } from '../../../platform/upstream/egress-fetch.js';
import { attemptSeconds } from './login-attempt.js';
import type { OutboundWay } from '../../../platform/upstream/way/outbound-way.js';
import { loginEndpoints, type LoginEndpoints } from './login-endpoints.js';
import { LoginError } from './login-error.js';
import { failureOf } from './oauth-failure.js';
import type { GivenTokens } from './login-tokens.js';
import { askMs } from './renewal-times.js';
import { endOf } from './token-claims.js';
import { toldDuration } from './told-duration.js';

/** So long a person waits between two questions where the provider does not say, as RFC 8628 wants it. */
const usualInterval = 5;
const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

/** A code for another device. */
export interface DeviceCode {
  readonly code: string;
  readonly userCode: string;
  readonly address: string;
  readonly addressWithCode: string | null;
  /** Whole seconds, as what follows. */
  readonly interval: number;
  readonly lastsSeconds: number;
}

/** A browser on its way to sign in. */
export interface AuthorizationRequest {
  readonly redirectUri: string;
  readonly state: string;
  readonly verifier: string;
}

/** Who asks, and the way of the connection. */
export interface Asker {
  readonly client: EgressClient;
  readonly way: OutboundWay | undefined;
}

/** One login's OAuth server, asked through the egress client. Every question @throws LoginError. */
export class OauthServer {
  private readonly config: oidc.Configuration;
  private idToken: string | null = null;

  constructor(
    asker: Asker,
    private readonly settings: LoginSettings,
    private readonly endpoints: LoginEndpoints,
    secret: string | null,
  ) {
    const { token_endpoint: tokenEndpoint } = endpoints;
    if (tokenEndpoint === null) throw new LoginError('misconfigured', 'no_token_endpoint');
    const server = {
      issuer: settings.issuer ?? new URL(tokenEndpoint).origin,
      ...Object.fromEntries(Object.entries(endpoints).filter(([, address]) => address !== null)),
    };
    this.config = new oidc.Configuration(server, settings.client_id, {}, authentication(settings, secret));
    // Plain http is refused when an address is saved, where it is not within.
    oidc.allowInsecureRequests(this.config);
    this.config.timeout = askMs / 1000 + 5;
    this.config[oidc.customFetch] = this.sendBy(asker);
  }

  /** The address to open. The verifier stays here. */
  async authorizationUrl({ redirectUri, state, verifier }: AuthorizationRequest): Promise<string> {
    if (this.endpoints.authorization_endpoint === null) throw new LoginError('misconfigured', 'no_authorization_endpoint');
    return oidc.buildAuthorizationUrl(this.config, {
      ...this.asked(),
      redirect_uri: redirectUri,
      state,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    }).href;
  }

  /** @param callback the address to which the browser was sent. */
  async tokensOfCode(callback: URL, { redirectUri, state, verifier }: AuthorizationRequest): Promise<GivenTokens> {
    const current = new URL(redirectUri);
    current.search = callback.search;
    // Without an issuer nobody can say whether this one is right.
    if (this.settings.issuer === null) current.searchParams.delete('iss');
    return this.ask(() =>
      oidc.authorizationCodeGrant(this.config, current, { pkceCodeVerifier: verifier, expectedState: state }),
    );
  }

  async deviceCode(): Promise<DeviceCode> {
    if (this.endpoints.device_authorization_endpoint === null)
      throw new LoginError('misconfigured', 'no_device_authorization_endpoint');
    const given = await this.told(() => oidc.initiateDeviceAuthorization(this.config, this.asked()));
    return {
      code: given.device_code,
      userCode: given.user_code,
      address: given.verification_uri,
      addressWithCode: given.verification_uri_complete ?? null,
      interval: Math.min(Math.ceil(given.interval ?? usualInterval), attemptSeconds),
      lastsSeconds: Math.ceil(given.expires_in),
    };
  }

  /** Asks once. */
  async tokensOfDevice(code: string): Promise<GivenTokens> {
    return this.ask(() => oidc.genericGrantRequest(this.config, deviceGrant, { device_code: code }));
  }

  async tokensOfClient(): Promise<GivenTokens> {
    return this.ask(() => oidc.clientCredentialsGrant(this.config, this.asked()));
  }

  async renewed(refreshToken: string): Promise<GivenTokens> {
    return this.ask(() => oidc.refreshTokenGrant(this.config, refreshToken));
  }

  /** What a login asks for. */
  private asked(): Record<string, string> {
    const { scopes, audience, parameters } = this.settings;
    return {
      ...parameters,
      ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
      ...(audience === null ? {} : { audience }),
    };
  }

  private async ask(question: () => Promise<oidc.TokenEndpointResponse>): Promise<GivenTokens> {
    const given = await this.told(question);
    const end = endOf(given.access_token);
    const lasts = given.expires_in ?? (end === undefined ? undefined : toldDuration(end - Math.floor(Date.now() / 1000)));
    return {
      access: given.access_token,
      refresh: given.refresh_token ?? null,
      id: this.idToken,
      lastsSeconds: lasts ?? null,
      refreshLastsSeconds: toldDuration(given['refresh_token_expires_in']) ?? toldDuration(given['refresh_expires_in']) ?? null,
    };
  }

  /**
   * An id token tells claims and signs nobody in here: it is kept as it is, and not held against an issuer. Durations that
   * cannot be are left out, before the library refuses the whole answer for them.
   */
  private sendBy({ client, way }: Asker): oidc.CustomFetch {
    const send = egressFetch(client, askMs, way);
    return async (address, request) => {
      const response = await send(address, request);
      if (!response.ok) return response;
      const { id_token: idToken, ...rest } = (await response.json().catch(() => ({}))) as Record<string, unknown>;
      if (typeof idToken === 'string') this.idToken = idToken;
      const lasts = toldDuration(rest['expires_in']) ?? (rest['device_code'] === undefined ? undefined : attemptSeconds);
      const told = { ...rest, expires_in: lasts, interval: toldDuration(rest['interval']) };
      return new Response(JSON.stringify(told), { status: response.status, headers: response.headers });
    };
  }

  private async told<T>(question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (error) {
      throw failureOf(error);
    }
  }
}

/** The addresses that an issuer names. They are not judged yet. @throws LoginError. */
export async function discover({ client, way }: Asker, issuer: string, clientId: string): Promise<LoginEndpoints> {
  const look = async (algorithm: 'oidc' | 'oauth2'): Promise<LoginEndpoints> => {
    const config = await oidc.discovery(new URL(issuer), clientId, undefined, oidc.None(), {
      algorithm,
      [oidc.customFetch]: egressFetch(client, askMs, way) as oidc.CustomFetch,
      execute: [oidc.allowInsecureRequests],
    });
    return loginEndpoints.parse(config.serverMetadata());
  };
  try {
    return await look('oidc').catch(() => look('oauth2'));
  } catch (error) {
    throw failureOf(error);
  }
}

function authentication({ client_auth: place }: LoginSettings, secret: string | null): oidc.ClientAuth {
  if (secret === null) return oidc.None();
  return place === 'basic' ? oidc.ClientSecretBasic(secret) : oidc.ClientSecretPost(secret);
}
