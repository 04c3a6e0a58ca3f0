import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { listen } from './listening.js';

/** How the stand-in behaves; a test changes it on the way. */
export interface LoginProviderRules {
  clientSecret: string | null;
  clientAuth: 'post' | 'basic';
  /** How long access tokens are good, in seconds. */
  lasts: number;
  /** What the token endpoint answers instead, while it is set. */
  refuse: { readonly status: number; readonly body: unknown } | undefined;
  /** Awaited before tokens are answered, once they are made. */
  held: Promise<void> | undefined;
  refreshTokens: boolean;
  refreshLasts: number | undefined;
  /** What the answers with tokens and codes say otherwise. */
  says: Readonly<Record<string, unknown>>;
  /** What discovery says otherwise, or where it redirects. */
  discovery: Readonly<Record<string, string>>;
  discoveryAt: string | undefined;
}

interface Session {
  /** The one refresh token that is good. */
  refresh: string;
  readonly used: Set<string>;
  alive: boolean;
}

interface Code {
  readonly challenge: string;
  readonly redirectUri: string;
}

type Form = URLSearchParams;

const clientId = 'gt-client';

/**
 * An OAuth server and the API behind it, as strict as real ones: PKCE, codes and refresh tokens that are good once, a family
 * of tokens that ends when an old one is shown again, client authentication, access tokens that end.
 */
export async function startLoginProvider(more: (call: ApiCall) => boolean = () => false) {
  const rules: LoginProviderRules = {
    clientSecret: 'shh',
    clientAuth: 'post',
    lasts: 3600,
    refuse: undefined,
    held: undefined,
    refreshTokens: true,
    refreshLasts: undefined,
    says: {},
    discovery: {},
    discoveryAt: undefined,
  };
  const asked: Form[] = [];
  const calls: ApiCall[] = [];
  const sessions: Session[] = [];
  const codes = new Map<string, Code>();
  const devices = new Map<string, { approved: boolean | undefined; readonly userCode: string }>();
  const access = new Map<string, { end: number }>();
  const faults: string[] = [];
  let origin = '';

  const tokens = (session: Session | undefined): Record<string, unknown> => {
    const end = Math.floor(Date.now() / 1000) + rules.lasts;
    const account = { 'https://login.example/auth': { account_id: 'acct-42' } };
    const token = jwt({ exp: end, jti: random(), ...account });
    access.set(token, { end: Date.now() + rules.lasts * 1000 });
    const idToken = jwt({ iss: origin, aud: clientId, sub: 'person', iat: end - rules.lasts, exp: end + 3600, ...account });
    return {
      access_token: token,
      token_type: 'Bearer',
      expires_in: rules.lasts,
      ...(session === undefined || !rules.refreshTokens ? {} : { refresh_token: session.refresh, id_token: idToken }),
      ...(session === undefined || rules.refreshLasts === undefined ? {} : { refresh_token_expires_in: rules.refreshLasts }),
      ...rules.says,
    };
  };
  const opened = (): Session => {
    const session = { refresh: random(), used: new Set<string>(), alive: true };
    sessions.push(session);
    return session;
  };
  const refused = (error: string, status = 400) => ({
    status,
    body: { error, error_description: 'secret words of the provider' },
  });

  const grant = (form: Form): { status: number; body: unknown } => {
    switch (form.get('grant_type')) {
      case 'client_credentials':
        return rules.clientSecret === null ? refused('unauthorized_client') : { status: 200, body: tokens(undefined) };
      case 'authorization_code': {
        const code = codes.get(form.get('code') ?? '');
        codes.delete(form.get('code') ?? '');
        const isProven = code?.challenge === sha256(form.get('code_verifier') ?? '');
        if (code === undefined || !isProven || code.redirectUri !== form.get('redirect_uri')) return refused('invalid_grant');
        return { status: 200, body: tokens(opened()) };
      }
      case 'urn:ietf:params:oauth:grant-type:device_code': {
        const device = devices.get(form.get('device_code') ?? '');
        if (device === undefined) return refused('expired_token');
        if (device.approved === undefined) return refused('authorization_pending');
        devices.delete(form.get('device_code') ?? '');
        return device.approved ? { status: 200, body: tokens(opened()) } : refused('access_denied');
      }
      case 'refresh_token': {
        const shown = form.get('refresh_token') ?? '';
        const session = sessions.find(({ refresh, used }) => refresh === shown || used.has(shown));
        if (session === undefined || !session.alive) return refused('invalid_grant');
        if (session.refresh !== shown) {
          session.alive = false;
          faults.push('a refresh token was shown twice');
          return refused('invalid_grant');
        }
        session.used.add(shown);
        session.refresh = random();
        return { status: 200, body: tokens(session) };
      }
      default:
        return refused('unsupported_grant_type');
    }
  };

  const isClient = (form: Form, authorization: string | undefined): boolean => {
    if (rules.clientSecret === null) return form.get('client_id') === clientId && !form.has('client_secret');
    if (rules.clientAuth === 'basic') {
      const shown = Buffer.from(authorization?.replace(/^Basic /, '') ?? '', 'base64').toString('utf8');
      return shown.split(':').map(decodeURIComponent).join(':') === `${clientId}:${rules.clientSecret}`;
    }
    return form.get('client_id') === clientId && form.get('client_secret') === rules.clientSecret && authorization === undefined;
  };

  const authorize = (query: URLSearchParams, response: ServerResponse): void => {
    const redirectUri = query.get('redirect_uri') ?? '';
    const problems = [
      query.get('response_type') === 'code' ? [] : ['response_type'],
      query.get('client_id') === clientId ? [] : ['client_id'],
      query.get('code_challenge_method') === 'S256' ? [] : ['code_challenge_method'],
      (query.get('state') ?? '').length >= 16 ? [] : ['state'],
      URL.canParse(redirectUri) ? [] : ['redirect_uri'],
    ].flat();
    if (problems.length > 0) {
      json(response, 400, { error: 'invalid_request', problems });
      return;
    }
    const code = random();
    codes.set(code, { challenge: query.get('code_challenge') ?? '', redirectUri });
    const back = new URL(redirectUri);
    back.searchParams.set('code', code);
    back.searchParams.set('state', query.get('state') ?? '');
    response.writeHead(302, { location: back.href }).end();
  };

  const server = await listen((text, request, response) => {
    const url = new URL(request.url ?? '/', origin);
    const form = new URLSearchParams(text);
    const path = `${request.method} ${url.pathname}`;
    if (url.pathname.startsWith('/.well-known/') && rules.discoveryAt !== undefined) {
      response.writeHead(302, { location: rules.discoveryAt }).end();
    } else if (path === 'GET /.well-known/openid-configuration') {
      json(response, 200, {
        issuer: origin,
        authorization_endpoint: `${origin}/authorize`,
        token_endpoint: `${origin}/token`,
        device_authorization_endpoint: `${origin}/device`,
        jwks_uri: `${origin}/jwks`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
        ...rules.discovery,
      });
    } else if (path === 'GET /authorize') authorize(url.searchParams, response);
    else if (path === 'POST /token') {
      asked.push(form);
      const answer =
        rules.refuse ?? (isClient(form, request.headers.authorization) ? grant(form) : refused('invalid_client', 401));
      void (rules.held ?? Promise.resolve()).then(() => json(response, answer.status, answer.body));
    } else if (path === 'POST /device') {
      const [code, userCode] = [random(), random().slice(0, 8).toUpperCase()];
      devices.set(code, { approved: undefined, userCode });
      json(response, 200, {
        device_code: code,
        user_code: userCode,
        verification_uri: `${origin}/activate`,
        expires_in: 600,
        interval: 1,
        ...rules.says,
      });
    } else {
      const call = { path, text, headers: request.headers, response, request };
      calls.push(call);
      const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
      const known = access.get(token);
      if (known === undefined || known.end <= Date.now())
        json(response, 401, { error: { message: 'token expired', type: 'auth' } });
      else if (!more(call)) answerPlainly(call);
    }
  });
  origin = new URL(server.url).origin;

  return {
    url: origin,
    rules,
    /** Forms that the token endpoint got. */
    asked,
    /** Calls of the API. */
    calls,
    /** What a real server would alert its operator to. */
    faults,
    /** How often tokens were asked for by this grant. */
    countOf: (name: string): number => asked.filter((form) => form.get('grant_type') === name).length,
    /** All access tokens that are out are good no more, whatever they say. */
    revokeAccess: (): void => access.clear(),
    /** All logins have ended. */
    endSessions: (): void => {
      for (const session of sessions) session.alive = false;
    },
    /** The person types the code on another device, and says yes or no. */
    decide: (userCode: string, approved: boolean): void => {
      const device = [...devices.values()].find((each) => each.userCode === userCode);
      if (device === undefined) throw new Error(`Nobody was given the code ${userCode}.`);
      device.approved = approved;
    },
    auth: { mode: 'oauth', client_id: clientId, client_secret: 'shh', token_endpoint: `${origin}/token` } as const,
    close: () => server.close(),
  };
}

export type LoginProvider = Awaited<ReturnType<typeof startLoginProvider>>;

/** A call of the API that signed in well. */
export interface ApiCall {
  /** Method and path. */
  readonly path: string;
  readonly text: string;
  readonly headers: IncomingMessage['headers'];
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** A person's browser: goes to the address, signs in at once and comes back. The address to which it was sent. */
export async function signInAt(authorizationUrl: string): Promise<string> {
  const response = await fetch(authorizationUrl, { redirect: 'manual' });
  const location = response.headers.get('location');
  if (response.status !== 302 || location === null) throw new Error(`Nobody could sign in: ${await response.text()}`);
  return location;
}

function answerPlainly({ path, text, response }: ApiCall): void {
  if (path === 'GET /v1/models') json(response, 200, { object: 'list', data: [{ id: 'big' }] });
  else if (path === 'POST /v1/embeddings')
    json(response, 200, {
      object: 'list',
      data: [{ index: 0, embedding: [0.5, 0.25] }],
      usage: { prompt_tokens: 1, total_tokens: 1 },
    });
  else if (path === 'POST /v1/chat/completions') {
    const { model } = JSON.parse(text) as { model: string };
    json(response, 200, {
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1_700_000_000,
      model,
      choices: [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
    });
  } else json(response, 404, { error: { message: `nothing at ${path}` } });
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function random(): string {
  return randomBytes(24).toString('base64url');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** A token of the usual form. Nobody here checks its signature. */
function jwt(payload: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256', typ: 'JWT' })}.${part(payload)}.${Buffer.from('unsigned').toString('base64url')}`;
}
