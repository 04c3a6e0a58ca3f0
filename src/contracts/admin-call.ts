import { z } from 'zod';
import { readEvents, type ServerEvent } from './event-text.js';

const errorBody = z.object({
  error: z.object({
    message: z.string(),
    param: z.string().nullable().default(null),
    code: z.string().nullable().default(null),
  }),
});

/** What the admin plane says of a refusal. */
export type Refusal = z.infer<typeof errorBody>['error'];

/** The answer was no good one. */
export class AdminCallError extends Error {
  /** @param refusal null when the answer is none of the admin plane. */
  constructor(
    readonly status: number,
    readonly refusal: Refusal | null,
    message: string,
  ) {
    super(message);
    this.name = 'AdminCallError';
  }
}

/** As whom the admin plane is called: by a token, by the cookie of a session, or, where people sign in, as nobody yet. */
export type AdminCredential = { readonly token: string } | { readonly cookie: string } | 'nobody';

/** One call of the admin plane. */
export interface AdminCall {
  readonly method: string;
  /** With everything: origin, path and query. */
  readonly url: string;
  readonly credential: AdminCredential;
  /** Hears the cookies that the answer sets, as `name=value`. */
  readonly onCookies?: ((cookies: readonly string[]) => void) | undefined;
  readonly body?: object | undefined;
  /** A multipart form in place of a body. */
  readonly form?: FormData | undefined;
  /** How long the whole answer may take; one that comes in events, how long it may be silent. */
  readonly limitMs: number;
  /** Asks for events where the route has them, and hears each but the last, which is the answer. */
  readonly onEvent?: ((event: string, data: unknown) => void) | undefined;
  /** Takes the answer piece by piece, as it is; `limitMs` is how long it may be silent then. */
  readonly onContent?: ((piece: Uint8Array) => Promise<void>) | undefined;
  /** The events have no last one that is the answer: each is heard at once. */
  readonly isLive?: boolean | undefined;
}

/**
 * Calls the admin plane (contract sections 2 and 10) as any client does.
 * @returns the answer's JSON; nothing where it was taken piece by piece.
 * @throws AdminCallError for an answer that is not 2xx or breaks off; what fetch throws when none comes, a TimeoutError too.
 */
export async function callAdmin(call: AdminCall): Promise<unknown> {
  const patience = new Patience(call.limitMs);
  try {
    const response = await fetch(call.url, {
      method: call.method,
      headers: {
        ...credentialHeaders(call),
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(call.onEvent === undefined ? {} : { accept: 'text/event-stream, application/json' }),
      },
      body: call.form ?? (call.body === undefined ? null : JSON.stringify(call.body)),
      // Another address could be anyone's: the token goes to the one that was named.
      redirect: 'error',
      signal: patience.signal,
    });
    if (response.ok && response.headers.get('content-type')?.startsWith('text/event-stream') === true)
      return await lastOf(call, response, patience);
    if (response.ok && call.onContent !== undefined) return await handOn(call.onContent, response, patience);
    if (response.ok) call.onCookies?.(response.headers.getSetCookie().map((cookie) => cookie.split(';', 1)[0] ?? ''));
    const answer: unknown = await response.json().catch((error: unknown) => {
      if (patience.signal.aborted) throw error;
      return undefined;
    });
    if (response.ok && typeof answer === 'object' && answer !== null) return answer;
    throw refused(response.status, answer);
  } finally {
    patience.end();
  }
}

/** Without a token the platform wants to hear that no other site has made the request. */
function credentialHeaders({ credential, url }: AdminCall): Record<string, string> {
  if (credential === 'nobody') return { origin: new URL(url).origin };
  if ('token' in credential) return { authorization: `Bearer ${credential.token}` };
  return { cookie: credential.cookie, origin: new URL(url).origin };
}

/** Hears the events; the last one is the answer, and an event without a name is an error. */
async function lastOf({ onEvent, isLive = false }: AdminCall, response: Response, patience: Patience): Promise<unknown> {
  let last: ServerEvent | undefined;
  try {
    for await (const event of readEvents(response.body ?? [], () => patience.begin())) {
      if (isLive && event.event !== 'message') onEvent?.(event.event, JSON.parse(event.data));
      else if (last !== undefined) onEvent?.(last.event, JSON.parse(last.data));
      if (!isLive || event.event === 'message') last = event;
    }
  } catch (error) {
    throw patience.signal.aborted ? error : new AdminCallError(response.status, null, 'the answer broke off');
  }
  if (isLive && last === undefined) return {};
  const answer: unknown = last === undefined ? undefined : JSON.parse(last.data);
  if (last === undefined || last.event === 'message' || last.event.endsWith('.progress')) throw refused(response.status, answer);
  return answer;
}

/** @throws AdminCallError for an answer that breaks off; what `take` throws. */
async function handOn(take: (piece: Uint8Array) => Promise<void>, response: Response, patience: Patience): Promise<object> {
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = response.body?.getReader();
  if (reader === undefined) return {};
  for (;;) {
    patience.begin();
    const { done, value } = await reader.read().catch((error: unknown) => {
      throw patience.signal.aborted ? error : new AdminCallError(response.status, null, 'the answer broke off');
    });
    if (done) return {};
    await take(value);
  }
}

function refused(status: number, answer: unknown): AdminCallError {
  const told = errorBody.safeParse(answer);
  if (told.success) return new AdminCallError(status, told.data.error, told.data.error.message);
  return new AdminCallError(status, null, `status ${status}`);
}

/** Ends a call that takes too long; each beginning gives it the whole time again. */
class Patience {
  private readonly controller = new AbortController();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly limitMs: number) {
    this.begin();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  begin(): void {
    clearTimeout(this.timer);
    const reason = new DOMException('The answer took too long.', 'TimeoutError');
    this.timer = setTimeout(() => this.controller.abort(reason), this.limitMs);
  }

  end(): void {
    clearTimeout(this.timer);
  }
}
