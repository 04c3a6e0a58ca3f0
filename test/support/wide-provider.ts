import type { IncomingHttpHeaders } from 'node:http';
import type { Fields } from '../../src/kernel/fields.js';
import { listen, type Listening } from './listening.js';
import { reply, type RecordedBody } from './recording-provider.js';

/** One call that came. */
export interface SeenCall {
  /** Below `/v1`. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** What a call is refused with. */
export interface RefusedWith {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly error?: object;
}

export interface WideProvider extends Listening {
  /** The calls that came, the oldest first. */
  readonly seen: readonly SeenCall[];
  /** Decides from now on which calls are refused. */
  refuse(judge: (call: SeenCall) => RefusedWith | undefined): void;
  /** Forgets what came, and refuses nothing more. */
  reset(): void;
}

/** A provider that serves chats, streamed or not, vectors, moderations, transcriptions and its list of models. */
export async function startWideProvider(): Promise<WideProvider> {
  let seen: SeenCall[] = [];
  let judge: (call: SeenCall) => RefusedWith | undefined = () => undefined;
  const listening = await listen((text, request, response) => {
    const call = { path: (request.url ?? '').replace(/^\/v1/, ''), headers: request.headers, text };
    seen.push(call);
    const json = (body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): void =>
      void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
    const refusal = judge(call);
    if (refusal !== undefined) return json({ error: refusal.error ?? { message: 'No.' } }, refusal.status, refusal.headers);
    if (call.path === '/models') return json({ object: 'list', data: [{ id: 'big' }] });
    if (call.path === '/audio/transcriptions') return json({ text: 'heard' });
    const body = JSON.parse(text) as Fields;
    if (call.path === '/embeddings') return json({ object: 'list', data: [body['input']].flat().map(vectorAt), usage });
    if (call.path === '/moderations') return json({ id: 'modr-1', model: 'm', results: [{ flagged: false }] });
    reply(response, body as unknown as RecordedBody, { content: 'Hello.' });
  });
  return {
    ...listening,
    get seen() {
      return seen;
    },
    refuse: (next) => {
      judge = next;
    },
    reset: () => {
      seen = [];
      judge = () => undefined;
    },
  };
}

const usage = { prompt_tokens: 1, total_tokens: 1 };
const vectorAt = (_text: unknown, index: number): object => ({ object: 'embedding', index, embedding: [1, 0, index] });
