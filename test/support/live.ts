import type { TestApp } from './app.js';
import { bearer } from './matrix.js';
import { rawCall, requestBytes, type HeaderList, type RawReply } from './raw-http.js';

/** How long a change may take until every process obeys it. */
export const limitMs = 1_000;

/** A call of the data plane at one process. */
export function ask(
  app: TestApp,
  secret: string,
  options: {
    readonly method?: string;
    readonly path?: string;
    readonly host?: string;
    readonly body?: object;
    readonly more?: HeaderList;
  } = {},
): Promise<RawReply> {
  const body = options.body === undefined ? '' : JSON.stringify(options.body);
  const type: HeaderList =
    options.body === undefined
      ? []
      : [
          ['Content-Type', 'application/json'],
          ['Content-Length', String(Buffer.byteLength(body))],
        ];
  const headers: HeaderList = [
    ['Host', options.host ?? new URL(app.url).host],
    ...bearer(secret),
    ...(options.more ?? []),
    ...type,
  ];
  return rawCall(
    app.url,
    requestBytes(
      options.method ?? (options.body === undefined ? 'GET' : 'POST'),
      `/api/tenant/v1${options.path ?? '/models'}`,
      headers,
      body,
    ),
  );
}

/** One chat through the published alias. */
export const chat = (app: TestApp, secret: string): Promise<RawReply> =>
  ask(app, secret, { path: '/chat/completions', body: { model: 'assistant', messages: [{ role: 'user', content: 'hi' }] } });

/** Asks again and again until the answer is the wanted one; how long that took. @throws Error after the limit. */
export async function until(what: string, answer: () => Promise<boolean>, forMs = limitMs): Promise<number> {
  const from = performance.now();
  while (!(await answer())) if (performance.now() - from > forMs) throw new Error(`${what}: not within ${forMs} ms`);
  return performance.now() - from;
}
