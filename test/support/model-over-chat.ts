import type { ServerResponse } from 'node:http';
import type { Fields } from '../../src/kernel/fields.js';
import type { Sandbox } from '../../src/sandbox/server.js';
import type { Usage } from '../../src/sandbox/usage.js';
import { sandboxToken } from './platform.js';

/** A piece of an answer: a text, a piece of a call, or how it ended. */
export interface SaidPiece {
  readonly text?: string;
  readonly calls: readonly { readonly index: number; readonly id?: string; readonly name?: string; readonly input: string }[];
  readonly finish?: string;
  readonly usage?: Pick<Usage, 'prompt_tokens' | 'completion_tokens' | 'prompt_tokens_details'>;
  /** The model fails from here on. */
  readonly error?: string;
}

/** What the sandbox answers to a chat: pieces as they come, something that is no answer, or why it answers nothing. */
export type ModelAnswer =
  | { readonly pieces: AsyncGenerator<SaidPiece> }
  | { readonly broken: ReadableStream<Uint8Array>; readonly contentType: string }
  | { readonly status: number; readonly message: string; readonly retryAfter: string | null };

/**
 * Asks the sandbox as the model behind a provider of another wire, so that all its commands work there too. Whoever leaves the
 * given response leaves the sandbox.
 */
export async function askModel(sandbox: Sandbox, chat: Fields, response: ServerResponse): Promise<ModelAnswer> {
  const left = new AbortController();
  response.once('close', () => left.abort());
  const reply = await fetch(`${sandbox.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${sandboxToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ ...chat, stream: true, stream_options: { include_usage: true } }),
    signal: left.signal,
  });
  if (reply.ok && reply.body !== null) {
    const contentType = reply.headers.get('content-type') ?? '';
    if (!contentType.startsWith('text/event-stream')) return { broken: reply.body, contentType };
    return { pieces: piecesOf(reply.body) };
  }
  const { error } = (await reply.json()) as { error: { message: string } };
  return { status: reply.status, message: error.message, retryAfter: reply.headers.get('retry-after') };
}

/** Hands on what is no answer as it is. */
export async function passOn(
  { broken, contentType }: { readonly broken: ReadableStream<Uint8Array>; readonly contentType: string },
  response: ServerResponse,
): Promise<void> {
  response.setHeader('content-type', contentType);
  for await (const bytes of broken) response.write(bytes);
  response.end();
}

/** Embeds texts with the sandbox. */
export async function embedTexts(sandbox: Sandbox, input: readonly string[], dimensions?: number): Promise<number[][]> {
  const reply = await fetch(`${sandbox.url}/v1/embeddings`, {
    method: 'POST',
    headers: { authorization: `Bearer ${sandboxToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'sandbox-embed', input, ...(dimensions === undefined ? {} : { dimensions }) }),
  });
  return ((await reply.json()) as { data: { embedding: number[] }[] }).data.map(({ embedding }) => embedding);
}

interface ChatChunk {
  readonly error?: { readonly message: string };
  readonly choices?: readonly {
    readonly delta: {
      readonly content?: string | null;
      readonly refusal?: string | null;
      readonly tool_calls?: readonly {
        readonly index: number;
        readonly id?: string;
        readonly function?: { readonly name?: string; readonly arguments?: string };
      }[];
    };
    readonly finish_reason: string | null;
  }[];
  readonly usage?: SaidPiece['usage'] | null;
}

/** Throws where the sandbox cuts the stream. */
async function* piecesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<SaidPiece> {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const bytes of stream) {
    const events = (rest + decoder.decode(bytes, { stream: true })).split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) if (event.startsWith('data: {')) yield pieceOf(JSON.parse(event.slice(6)) as ChatChunk);
  }
}

function pieceOf({ error, choices = [], usage }: ChatChunk): SaidPiece {
  if (error !== undefined) return { calls: [], error: error.message };
  const [choice] = choices;
  const { content, refusal, tool_calls: calls = [] } = choice?.delta ?? {};
  const text = content ?? refusal ?? '';
  return {
    ...(text === '' ? {} : { text }),
    calls: calls.map(({ index, id, function: told }) => ({
      index,
      input: told?.arguments ?? '',
      ...(id === undefined ? {} : { id }),
      ...(told?.name === undefined ? {} : { name: told.name }),
    })),
    ...(choice?.finish_reason === null || choice === undefined ? {} : { finish: choice.finish_reason }),
    ...(usage === undefined || usage === null ? {} : { usage }),
  };
}
