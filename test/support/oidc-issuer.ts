import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider, type Configuration } from 'oidc-provider';

export const oidcClient = { client_id: 'gt', client_secret: 'the-client-secret-of-gt' } as const;

/** A real OpenID provider, and a person who signs in there. */
export interface OidcIssuer {
  readonly issuer: string;
  /** How many calls its token endpoint had. */
  tokenCalls(): number;
  /** Signs in there as `account` and says yes. @returns the address to which the browser is sent back. */
  signIn(authorizationUrl: string, account: string): Promise<string>;
  close(): Promise<void>;
}

/** @param redirectUris where browsers may be sent back. */
export async function startOidcIssuer(redirectUris: readonly string[], more: Partial<Configuration> = {}): Promise<OidcIssuer> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [{ ...oidcClient, redirect_uris: [...redirectUris], token_endpoint_auth_method: 'client_secret_basic' }],
    pkce: { required: () => true },
    features: { devInteractions: { enabled: true } },
    claims: { openid: ['sub', 'email'] },
    conformIdTokenClaims: false,
    // Whatever the address says must make nobody a member.
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: 'owner@example.com', email_verified: true }),
    }),
    cookies: { keys: ['of this test'] },
    ...more,
  });
  let tokenCalls = 0;
  server.on('request', (request, response) => {
    if (request.url?.startsWith('/token') === true) tokenCalls += 1;
    void provider.callback()(request, response);
  });
  return {
    issuer,
    tokenCalls: () => tokenCalls,
    signIn: (authorizationUrl, account) => new Person(issuer, account).goThrough(authorizationUrl),
    close: () => closed(server),
  };
}

/** A browser without scripts, led by its redirects and forms. */
class Person {
  private readonly cookies = new Map<string, string>();

  constructor(
    private readonly issuer: string,
    private readonly account: string,
  ) {}

  async goThrough(start: string): Promise<string> {
    let address = start;
    for (let steps = 0; steps < 20; steps += 1) {
      if (!address.startsWith(this.issuer)) return address;
      const response = await this.ask(address);
      const next = response.headers.get('location');
      address = next === null ? await this.answerForm(await response.text(), address) : new URL(next, address).href;
    }
    throw new Error('The sign-in does not end.');
  }

  /** The first form is that of signing in, the second asks for consent. */
  private async answerForm(html: string, address: string): Promise<string> {
    const action = /action="([^"]+)"/.exec(html)?.[1] ?? '';
    const prompt = /name="prompt" value="(\w+)"/.exec(html)?.[1] ?? '';
    if (prompt === '') throw new Error(`No form at ${address}: ${html.slice(0, 500)}`);
    const fields: Record<string, string> = prompt === 'login' ? { prompt, login: this.account, password: 'any' } : { prompt };
    const response = await this.ask(new URL(action, address).href, new URLSearchParams(fields));
    return new URL(response.headers.get('location') ?? '', address).href;
  }

  private async ask(address: string, form?: URLSearchParams): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(address, {
      redirect: 'manual',
      method: form === undefined ? 'GET' : 'POST',
      headers: cookie === '' ? {} : { cookie },
      body: form ?? null,
    });
    for (const set of response.headers.getSetCookie()) {
      const [pair = ''] = set.split(';');
      const [name = '', value = ''] = pair.split('=');
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  }
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
