import { setTimeout as wait } from 'node:timers/promises';
import OpenAI, { type ClientOptions } from 'openai';
import type { Sandbox, SeededKey, TestPlatform } from './platform.js';

/** OpenAI's client, unmodified, without retries of its own so that a test sees every answer. */
export function openai(baseURL: string, key: { readonly secret: string }, options: ClientOptions = {}): OpenAI {
  return new OpenAI({ baseURL, apiKey: key.secret, maxRetries: 0, ...options });
}

export interface RawCall {
  readonly url: string;
  readonly secret: string;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** One POST of JSON as bytes on the wire show it, for what OpenAI's client hides. */
export function post({ url, secret, body, headers, signal }: RawCall): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    signal: signal ?? null,
  });
}

/** The lines of a whole event stream that hold data, without their name; comments and blank lines are left out. */
export function dataLines(text: string): string[] {
  return text.split(/\r?\n/).flatMap((line) => (line.startsWith('data: ') ? [line.slice(6)] : []));
}

export interface SandboxStats {
  readonly active: number;
  readonly total: number;
  readonly aborted: number;
}

/** What the provider counted. */
export async function statsOf(sandbox: Sandbox): Promise<SandboxStats> {
  return (await (await fetch(`${sandbox.url}/sandbox/stats`)).json()) as SandboxStats;
}

/** Asks again until the answer is there; the time limit makes a test fail instead of hanging. @throws Error at the limit. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  limitMs = 60_000,
): Promise<T> {
  const startedAt = performance.now();
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() - startedAt > limitMs) throw new Error(`Not within ${limitMs} ms: ${what}.`);
    await wait(10);
  }
}

const watchers = new WeakMap<TestPlatform, Promise<SeededKey>>();

/** Waits until the process has heard of a name that the test has put into the database. */
export async function untilPublished(platform: TestPlatform, name: string): Promise<void> {
  const watcher = watchers.get(platform) ?? platform.factory.key(platform.acme);
  watchers.set(platform, watcher);
  const headers = { authorization: `Bearer ${(await watcher).secret}` };
  await until(
    `${name} is published`,
    async () => (await fetch(`${platform.app.baseUrl}/models/${name}`, { headers })).status === 200,
  );
}

/** The message of a user. */
export function user(content: string): { readonly role: 'user'; readonly content: string } {
  return { role: 'user', content };
}
