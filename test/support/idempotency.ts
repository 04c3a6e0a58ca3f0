import { randomUUID } from 'node:crypto';
import type { Factory } from './platform.js';
import { post, until } from './relay.js';

/** One answer to a request with an `Idempotency-Key`. */
export interface KeyedAnswer {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  /** It was given again, says its header. */
  readonly replayed: boolean;
  /** `error.code` of an error. */
  readonly code: string | null | undefined;
}

export interface KeyedCall {
  readonly url: string;
  readonly secret: string;
  /** A new one by default. */
  readonly key?: string;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** One POST of JSON under an `Idempotency-Key`, read to its end. */
export async function keyedPost({ key, headers, ...call }: KeyedCall): Promise<KeyedAnswer> {
  return readAnswer(await post({ ...call, headers: { 'idempotency-key': key ?? newKey(), ...headers } }));
}

/** Reads a reply to its end. */
export async function readAnswer(reply: Response): Promise<KeyedAnswer> {
  const text = await reply.text();
  return {
    status: reply.status,
    text,
    headers: reply.headers,
    replayed: reply.headers.get('idempotent-replayed') === 'true',
    code: reply.status < 400 ? undefined : (JSON.parse(text) as { error: { code: string | null } }).error.code,
  };
}

/**
 * Sends again what is still running until there is an answer, as clients do; every answer on the way must be the 409.
 * @throws Error at another 409, and when there is no answer after ten seconds.
 */
export function patiently(send: () => Promise<KeyedAnswer>): Promise<KeyedAnswer> {
  const ask = async (): Promise<KeyedAnswer | undefined> => {
    const answer = await send();
    if (answer.status !== 409) return answer;
    if (answer.code !== 'idempotency_in_progress' || answer.headers.get('retry-after') !== '1')
      throw new Error(`Not the 409 of a running request: ${answer.text}`);
    return undefined;
  };
  return until('the running request is over', ask, 10_000);
}

export function newKey(): string {
  return randomUUID();
}

/** All rows, newest last. */
export function rowsOf(factory: Factory) {
  return factory.run((tx) => tx.idempotentRequest.findMany({ orderBy: { createdAt: 'asc' } }));
}
