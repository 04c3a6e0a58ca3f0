import { Commands } from './commands.js';
import type { SandboxError } from './errors.js';
import type { Exchange } from './exchange.js';
import { jsonText } from './json-text.js';

/**
 * Headers that a real provider sends along and that a platform in front of it has to keep to itself:
 * the organisation, the provider's own limits, a cookie.
 */
function providerHeaders(exchange: Exchange): string[] {
  return [
    'x-request-id',
    exchange.state.newId('req_'),
    'openai-organization',
    'org-abc123',
    'openai-processing-ms',
    '1',
    'openai-version',
    '2020-10-01',
    'x-ratelimit-limit-requests',
    '10000',
    'set-cookie',
    '__cf_bm=sandbox; path=/; HttpOnly',
  ];
}

/** Answers 200 with the value as JSON, or in the broken form that the prompt asked for. */
export async function answerJson(exchange: Exchange, commands: Commands, value: unknown): Promise<void> {
  const text = jsonText(value, commands.has('spaced'));
  if (commands.has('wrong-type')) {
    send(exchange, 200, 'text/html; charset=utf-8', '<!doctype html><html><body>Welcome to the sandbox</body></html>');
  } else if (commands.has('bad-json')) {
    send(exchange, 200, 'application/json', text.slice(0, -1) + ',]');
  } else if (commands.has('cut-json')) {
    await sendHalf(exchange, text);
  } else {
    send(exchange, 200, 'application/json', text);
  }
}

/** Answers with the error in OpenAI's envelope. */
export function answerError(exchange: Exchange, error: SandboxError): void {
  const headers = Object.entries(error.headers).flat();
  send(exchange, error.status, 'application/json', JSON.stringify({ error: error.error }), headers);
}

/** Answers 302 to an address where nothing listens: whoever follows it fails. */
export function answerRedirect(exchange: Exchange): void {
  send(exchange, 302, 'text/plain', 'moved', ['location', 'http://127.0.0.1:1/']);
}

/** Sends the head of an event stream; the events follow by `SseWriter`. */
export function openEventStream(exchange: Exchange): void {
  const { response } = exchange;
  response.writeHead(200, [
    'content-type',
    'text/event-stream; charset=utf-8',
    'cache-control',
    'no-cache',
    ...providerHeaders(exchange),
  ]);
}

/** Sends the head of an answer of any type whose length is not told; its bytes follow. */
export function openBinaryStream(exchange: Exchange, type: string): void {
  exchange.response.writeHead(200, ['content-type', type, ...providerHeaders(exchange)]);
}

/** Answers with a whole body of any type. */
export function send(
  exchange: Exchange,
  status: number,
  type: string,
  body: string | Buffer,
  headers: readonly string[] = [],
): void {
  const length = String(Buffer.byteLength(body));
  exchange.response.writeHead(status, ['content-type', type, 'content-length', length, ...providerHeaders(exchange), ...headers]);
  exchange.response.end(body);
}

async function sendHalf(exchange: Exchange, text: string): Promise<void> {
  const length = String(Buffer.byteLength(text));
  exchange.response.writeHead(200, ['content-type', 'application/json', 'content-length', length, ...providerHeaders(exchange)]);
  exchange.response.write(text.slice(0, Math.floor(text.length / 2)));
  await exchange.cut();
}
