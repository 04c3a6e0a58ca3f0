/** What is sent to the platform, once. */
export interface HttpCall {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | FormData | undefined;
  /** How long the whole answer may take. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** A request and what came of it. */
export type Exchange = Answered | Silent;

export interface Answered {
  readonly kind: 'answered';
  readonly method: string;
  readonly url: string;
  readonly status: number;
  /** The media type alone. */
  readonly type: string;
  readonly headers: Headers;
  readonly bytes: Buffer;
}

/** No whole answer came. */
export interface Silent {
  readonly kind: 'silent';
  readonly method: string;
  readonly url: string;
  readonly reason: 'unreachable' | 'timeout' | 'broken';
  readonly detail: string;
}

/** A picture as base64 is a few million bytes. */
const mostBytes = 64 * 1024 * 1024;

/**
 * Sends one request and reads the whole answer. Redirects are not followed: the key is meant for the address that was
 * configured. @throws the reason of the signal, when the caller gives up.
 */
export async function exchange({ method, url, headers, body, timeoutMs, signal }: HttpCall): Promise<Exchange> {
  const limit = AbortSignal.timeout(timeoutMs);
  let isAnswering = false;
  try {
    const reply = await fetch(url, {
      method,
      headers,
      body: body ?? null,
      redirect: 'manual',
      signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
    });
    isAnswering = true;
    const type = (reply.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
    const bytes = await wholeOf(reply);
    return { kind: 'answered', method, url, status: reply.status, type, headers: reply.headers, bytes };
  } catch (error) {
    signal?.throwIfAborted();
    const reason = limit.aborted ? 'timeout' : isAnswering ? 'broken' : 'unreachable';
    return { kind: 'silent', method, url, reason, detail: networkReason(error) };
  }
}

/** @throws Error when the answer breaks off, or is longer than any that a verification asks for. */
async function wholeOf(reply: Response): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of reply.body ?? []) {
    size += part.length;
    if (size > mostBytes) throw new Error(`it is longer than ${mostBytes} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** The JSON of an answer; undefined where it is none. */
export function jsonOf({ bytes }: Answered): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** The code and message of an error in the form of OpenAI. */
export interface ToldError {
  readonly code: string | null;
  readonly message: string;
}

/** What an answer says is wrong; undefined where it is not in the form of OpenAI. */
export function errorOf(answered: Answered): ToldError | undefined {
  const { error } = (jsonOf(answered) ?? {}) as {
    readonly error?: { readonly code?: unknown; readonly message?: unknown } | null;
  };
  if (typeof error?.message !== 'string') return undefined;
  return { code: typeof error.code === 'string' ? error.code : null, message: error.message };
}

function networkReason(error: unknown): string {
  const { cause } = error as { readonly cause?: unknown };
  const { code, message } = (cause ?? error) as { readonly code?: unknown; readonly message?: unknown };
  return typeof code === 'string' ? code : String(message);
}
