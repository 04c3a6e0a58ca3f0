import { jsonSize } from '../../kernel/json-size.js';
import { UnreadableReply } from './model-fault.js';

type Fetch = typeof globalThis.fetch;

/** Headers in which packages would sign in with what stands where a key is wanted, or tell about this machine. */
const ownHeaders = ['authorization', 'x-api-key', 'x-goog-api-key', 'user-agent'];

/** A package parses a reply that is no stream at one go: beyond so many values it would hold up everybody. */
const maxValues = 500_000;

export interface SignedFetchOptions {
  /** Scheme, host and port of the connection: nothing else is called. */
  readonly origin: string;
  /** Headers of each call, by names in lower case: they sign in. Those that the package itself names stay as they are. */
  readonly headers: Readonly<Record<string, string>>;
  /** The package signs each call itself. */
  readonly isSigned: boolean;
}

/** `fetch` for a package: it signs in for it, goes nowhere but to the connection's provider, and measures what is not streamed. */
export function signedFetch(fetch: Fetch, { origin, headers, isSigned }: SignedFetchOptions): Fetch {
  return async (input, init) => {
    const address = input instanceof Request ? input.url : input.toString();
    if (new URL(address).origin !== origin) throw new Error('A package has called another address than that of its connection.');
    const sent = new Headers(init?.headers);
    const signature = isSigned ? sent.get('authorization') : null;
    for (const name of ownHeaders) sent.delete(name);
    for (const [name, value] of Object.entries(headers)) if (!sent.has(name)) sent.set(name, value);
    if (signature !== null) sent.set('authorization', signature);
    const response = await fetch(input, { ...init, headers: sent });
    return isStream(response) ? response : measured(response);
  };
}

function isStream({ ok, headers }: Response): boolean {
  return ok && /^(?:text\/event-stream|application\/vnd\.amazon\.eventstream)\b/.test(headers.get('content-type') ?? '');
}

async function measured(response: Response): Promise<Response> {
  if (response.body === null) return response;
  const bytes = Buffer.from(await response.arrayBuffer());
  if (jsonSize(bytes, maxValues).values > maxValues) throw new UnreadableReply('The reply has too many values to be read.');
  return new Response(bytes, { status: response.status, headers: response.headers });
}
