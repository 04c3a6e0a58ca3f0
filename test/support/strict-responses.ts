import type { ApiCall } from './login-provider.js';
import { eventsOf, message, sendEvents } from './responses-provider.js';

const path = 'POST /backend-api/codex/responses';
const chatPath = 'POST /streaming/chat/completions';

interface AskedBody {
  readonly instructions?: string | null;
  readonly store?: boolean;
  readonly stream?: boolean;
}

/** What this provider has to say against a call; undefined for one that it takes. */
function refusalOf({ text, headers }: ApiCall): string | undefined {
  const body = JSON.parse(text) as AskedBody & Readonly<Record<string, unknown>>;
  if (headers['chatgpt-account-id'] !== 'acct-42') return 'Unknown account';
  if (typeof body.instructions !== 'string' || body.instructions.trim() === '') return 'Instructions are required';
  if (body.store !== false) return 'Store must be set to false';
  if (body.stream !== true) return 'Stream must be set to true';
  const refused = ['max_output_tokens', 'max_tokens', 'max_completion_tokens'].find((name) => name in body);
  return refused === undefined ? undefined : `Unsupported parameter: ${refused}`;
}

/**
 * The API of a provider behind a login that is as particular as real ones: it only streams, demands instructions, an account
 * and `store: false`, and takes no length. Its last event has no items. It answers with the instructions that it was given.
 */
export function strictResponses(call: ApiCall): boolean {
  if (call.path === chatPath) return streamedChat(call);
  if (call.path !== path) return false;
  const { response } = call;
  const refusal = refusalOf(call);
  if (refusal !== undefined) {
    response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ detail: refusal }));
    return true;
  }
  const { instructions = '' } = JSON.parse(call.text) as AskedBody;
  const events = eventsOf([message(`Told: ${instructions}`)]);
  const last = events.at(-1) as { response: object };
  sendEvents(response, [...events.slice(0, -1), { ...last, response: { ...last.response, output: [] } }]);
  return true;
}

/** A chat of a provider that only streams, and tells its usage only when it is asked to. */
function streamedChat({ text, response }: ApiCall): boolean {
  const { stream, stream_options: options } = JSON.parse(text) as {
    stream?: boolean;
    stream_options?: { include_usage?: boolean };
  };
  if (stream !== true) {
    response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":{"message":"Only streams."}}');
    return true;
  }
  const head = { id: 'chatcmpl-9', object: 'chat.completion.chunk', created: 1_700_000_000, model: 'big' };
  const chunk = (delta: object, reason: string | null = null) => ({
    ...head,
    choices: [{ index: 0, delta, finish_reason: reason }],
  });
  const chunks: object[] = [
    chunk({ role: 'assistant', content: '' }),
    chunk({ content: 'Hello' }),
    chunk({ content: ' there.' }),
    chunk({}, 'stop'),
  ];
  const usage = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 };
  if (options?.include_usage === true) chunks.push({ ...head, choices: [], usage });
  response.setHeader('content-type', 'text/event-stream');
  for (const each of chunks) response.write(`data: ${JSON.stringify(each)}\n\n`);
  response.end('data: [DONE]\n\n');
  return true;
}
