import * as oidc from 'openid-client';
import type { EgressClient } from '../../../platform/upstream/egress-client.js';
import { egressFetch } from '../../../platform/upstream/egress-fetch.js';

const askMs = 15_000;

/** As whom an issuer is asked. */
export interface OidcClient {
  readonly issuer: string;
  readonly clientId: string;
  readonly secret: string | null;
  readonly auth: 'basic' | 'post';
}

/** What a browser takes along, and what must come back. */
export interface OidcTrip {
  readonly redirectUri: string;
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** An account at an issuer. */
export interface OidcAccount {
  readonly issuer: string;
  readonly subject: string;
}

/**
 * One issuer, asked through the egress client, with PKCE. What its discovery names is used as it is: every address is judged when it
 * is called. Every method throws what `failureOf` understands.
 */
export class OidcServer {
  private constructor(private readonly config: oidc.Configuration) {}

  /** Asks the issuer for its addresses (OpenID Connect Discovery 1.0). */
  static async discover(client: EgressClient, { issuer, clientId, secret, auth }: OidcClient): Promise<OidcServer> {
    const config = await oidc.discovery(new URL(issuer), clientId, undefined, authentication(secret, auth), {
      [oidc.customFetch]: egressFetch(client, askMs) as oidc.CustomFetch,
      // Plain http is refused when an issuer is saved, where it is not within.
      execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks],
    });
    return new OidcServer(config);
  }

  /** Where codes are exchanged, with the secret, and where the issuer's keys are. */
  get secretAddresses(): readonly string[] {
    const { token_endpoint: token, jwks_uri: keys } = this.config.serverMetadata();
    return [token, keys].filter((address): address is string => address !== undefined);
  }

  async authorizationUrl(scopes: readonly string[], { redirectUri, state, nonce, verifier }: OidcTrip): Promise<string> {
    return oidc.buildAuthorizationUrl(this.config, {
      scope: [...new Set(['openid', ...scopes])].join(' '),
      redirect_uri: redirectUri,
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    }).href;
  }

  /** @param callback the address to which the browser was sent. @returns whose the id token is: its signature was checked. */
  async account(callback: URL, { redirectUri, state, nonce, verifier }: OidcTrip): Promise<OidcAccount> {
    const current = new URL(redirectUri);
    current.search = callback.search;
    const tokens = await oidc.authorizationCodeGrant(this.config, current, {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
      idTokenExpected: true,
    });
    const claims = tokens.claims();
    if (claims === undefined) throw new Error('The issuer gave no id token.');
    return { issuer: claims.iss, subject: claims.sub };
  }
}

function authentication(secret: string | null, auth: 'basic' | 'post'): oidc.ClientAuth {
  if (secret === null) return oidc.None();
  return auth === 'basic' ? oidc.ClientSecretBasic(secret) : oidc.ClientSecretPost(secret);
}
