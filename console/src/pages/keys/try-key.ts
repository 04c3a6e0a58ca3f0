/** One call that was tried with a key. */
export interface Trial {
  readonly method: string;
  readonly path: string;
  /** Of HTTP; 0 until there is an answer. */
  readonly status: number;
  /** How long it took, in milliseconds; null while it is going on. */
  readonly ms: number | null;
  readonly requestId: string | null;
  /** What came of it. */
  readonly said: string | null;
  readonly tokens: number | null;
  /** Why it did not work. */
  readonly fault: string | null;
}

interface Answer {
  readonly data?: readonly { readonly id: string }[];
  readonly choices?: readonly { readonly message?: { readonly content?: string | null } }[];
  readonly usage?: { readonly total_tokens?: number };
  readonly error?: { readonly message?: string };
}

/**
 * Calls the data plane with the key alone, as a client would: no cookie goes with it. Tells each call as it begins and as it is over.
 * @param model what is asked for a few words; null: nothing is.
 */
export async function* tryKey(secret: string, model: string | null): AsyncGenerator<Trial> {
  yield* attempt(secret, 'GET', '/models');
  if (model === null) return;
  const content = 'Say hello in five words.';
  yield* attempt(secret, 'POST', '/chat/completions', { model, messages: [{ role: 'user', content }] });
}

async function* attempt(secret: string, method: string, path: string, body?: object): AsyncGenerator<Trial> {
  const begun: Trial = { method, path, status: 0, ms: null, requestId: null, said: null, tokens: null, fault: null };
  yield begun;
  const at = performance.now();
  try {
    const response = await fetch(`/api/tenant/v1${path}`, {
      method,
      credentials: 'omit',
      headers: {
        authorization: `Bearer ${secret}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = (await response.json().catch(() => ({}))) as Answer;
    yield {
      ...begun,
      status: response.status,
      ms: performance.now() - at,
      requestId: response.headers.get('x-request-id'),
      said: response.ok ? saidOf(answer) : null,
      tokens: answer.usage?.total_tokens ?? null,
      fault: response.ok ? null : (answer.error?.message ?? `The platform answered with status ${response.status}.`),
    };
  } catch {
    yield { ...begun, ms: performance.now() - at, fault: 'The platform cannot be reached.' };
  }
}

function saidOf({ data, choices }: Answer): string | null {
  if (data !== undefined)
    return data.length === 0 ? 'It may use no model.' : `It may use ${data.map(({ id }) => id).join(', ')}.`;
  return choices?.[0]?.message?.content ?? null;
}
