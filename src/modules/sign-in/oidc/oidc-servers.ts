import { Injectable } from '@nestjs/common';
import { AppError } from '../../../kernel/app-error.js';
import { EgressClient } from '../../../platform/upstream/egress-client.js';
import { LoginAddresses } from '../../connections/login/login-addresses.js';
import { LoginError } from '../../connections/login/login-error.js';
import type { OidcAccount, OidcClient, OidcServer } from './oidc-server.js';

/** Most processes sign nobody in: the library costs them nothing. */
const library = () => import('./oidc-server.js');
const failures = () => import('../../connections/login/oauth-failure.js');

/** What an issuer names is asked for once in so many milliseconds, however many want to sign in there. */
const knownMs = 300_000;
const mostKnown = 1_000;

/** Opens the way to issuers: their addresses are judged as those of connections are. */
@Injectable()
export class OidcServers {
  private readonly known = new Map<string, { readonly server: Promise<OidcServer>; readonly until: number }>();

  constructor(
    private readonly client: EgressClient,
    private readonly addresses: LoginAddresses,
  ) {}

  /** @throws AppError invalid_value for an address that may not be called. It may ask the name service. */
  async judge(issuer: string): Promise<void> {
    await this.addresses.judgeOne(issuer, 'issuer');
  }

  /** The issuer, once it has named its addresses, which are judged too. @throws AppError upstream_error, upstream_unavailable, invalid_value. */
  async of(asked: OidcClient): Promise<OidcServer> {
    const name = JSON.stringify(asked);
    const known = this.known.get(name);
    if (known !== undefined && known.until > performance.now()) return known.server;
    const server = this.ask(asked);
    if (this.known.size >= mostKnown) this.known.clear();
    this.known.set(name, { server, until: performance.now() + knownMs });
    server.catch(() => this.known.delete(name));
    return server;
  }

  /** Asks the issuer itself, whatever is remembered of it. */
  async ask(asked: OidcClient): Promise<OidcServer> {
    const server = await this.told(async () => (await library()).OidcServer.discover(this.client, asked));
    for (const address of server.secretAddresses) await this.addresses.judgeOne(address, 'issuer');
    return server;
  }

  /** Runs a question to an issuer. @throws AppError invalid_credentials, upstream_error, upstream_unavailable. */
  async account(question: () => Promise<OidcAccount>): Promise<OidcAccount> {
    return this.told(question);
  }

  private async told<T>(question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (error) {
      if (error instanceof AppError) throw error;
      throw refusal((await failures()).failureOf(error));
    }
  }
}

/** What a person is told: the short code, and no word of the issuer. */
function refusal({ kind, code, cause }: LoginError): AppError {
  if (kind === 'away')
    return new AppError('upstream_unavailable', {
      message: `The tenant's sign-in does not answer (${code}).`,
      reason: code,
      cause,
    });
  if (kind === 'ended')
    return new AppError('invalid_credentials', { message: `The tenant's sign-in has refused (${code}). Begin again.`, cause });
  return new AppError('upstream_error', {
    message: `The tenant's sign-in is not set up right, or its answer is not (${code}).`,
    reason: code,
    cause,
  });
}
