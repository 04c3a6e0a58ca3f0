import type { IncomingMessage, ServerResponse } from 'node:http';
import { listen, type Listening } from './listening.js';

/** A line of an input, as the provider reads it. */
export interface GivenLine {
  readonly custom_id: string;
  readonly method: string;
  readonly url: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What a line is answered; undefined leaves it out. */
export type LineAnswer =
  | { readonly status: number; readonly body: unknown }
  | { readonly error: { readonly code: string; readonly message: string } }
  | undefined;

export interface ProvidersBatch {
  readonly id: string;
  readonly object: 'batch';
  readonly endpoint: string;
  readonly input_file_id: string;
  readonly metadata: Readonly<Record<string, string>> | null;
  status: string;
  output_file_id: string | null;
  error_file_id: string | null;
  request_counts: { total: number; completed: number; failed: number };
  errors?: { object: 'list'; data: readonly object[] };
}

/** Answers that a request gets instead: a status, nothing at all, or the work is done and the answer is cut. */
type Fault = number | 'cut' | 'after';

export interface BatchProvider extends Listening {
  /** Bodies of live calls. */
  readonly live: readonly Readonly<Record<string, unknown>>[];
  readonly batches: readonly ProvidersBatch[];
  /** Files that are there, by id. */
  readonly files: ReadonlyMap<string, { readonly filename: string; readonly purpose: string; readonly text: string }>;
  /** `METHOD /path` of all requests. */
  readonly asked: readonly string[];
  /** Decides what lines are answered from now on; by default `usualAnswer`. */
  answerWith(answer: (line: GivenLine, place: number) => LineAnswer): void;
  /** With false, batches stay as they are; with true, each look at one takes it a step further. */
  goesOn(goesOn: boolean): void;
  /** Makes what a batch has, in this state. */
  end(id: string, status: string): void;
  /** Lets the next requests fail whose `METHOD /path` fits. */
  fail(pattern: RegExp, fault: Fault, times?: number): void;
  /** The lines that a batch was given. */
  linesOf(batch: ProvidersBatch): readonly GivenLine[];
  /** As at the beginning. */
  reset(): void;
}

/** An answer as OpenAI gives it to a request. */
export function usualAnswer({ url, body }: GivenLine): LineAnswer {
  const { model } = body;
  const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
  if (url.endsWith('/embeddings'))
    return {
      status: 200,
      body: {
        object: 'list',
        model,
        data: [{ object: 'embedding', index: 0, embedding: [0.5, 0.25] }],
        usage: { prompt_tokens: 3, total_tokens: 3 },
      },
    };
  if (url.endsWith('/moderations')) {
    const results = [body['input']].flat().map((text) => ({ flagged: String(text).includes('knife') }));
    return { status: 200, body: { id: 'modr-1', model, results } };
  }
  if (url.endsWith('/responses')) {
    const content = [{ type: 'output_text', text: `Answer to ${JSON.stringify(body['input'])}`, annotations: [], logprobs: [] }];
    const output = [{ type: 'message', id: 'msg_theirs1', role: 'assistant', status: 'completed', content }];
    const tokens = { input_tokens: 3, output_tokens: 2, total_tokens: 5 };
    const made = {
      id: 'resp_theirs1',
      object: 'response',
      created_at: 1,
      status: 'completed',
      error: null,
      incomplete_details: null,
    };
    return { status: 200, body: { ...made, model, output, usage: tokens, store: false } };
  }
  const messages = body['messages'] as { content: unknown }[] | undefined;
  const content = `Answer to ${String(messages?.at(-1)?.content)}`;
  const choices = [{ index: 0, message: { role: 'assistant', content, refusal: null }, finish_reason: 'stop', logprobs: null }];
  return { status: 200, body: { id: 'chatcmpl-1', object: 'chat.completion', created: 1, model, choices, usage } };
}

/** A provider with chat, embeddings, files and batches like OpenAI's, which tests can steer. */
export async function startBatchProvider(): Promise<BatchProvider> {
  const state = new State();
  const listening = await listen((text, request, response) => state.take(text, request, response));
  return Object.assign(state, { url: listening.url, close: () => listening.close() });
}

class State {
  readonly live: Readonly<Record<string, unknown>>[] = [];
  readonly batches: ProvidersBatch[] = [];
  readonly files = new Map<string, { filename: string; purpose: string; text: string }>();
  readonly asked: string[] = [];
  private faults: { pattern: RegExp; fault: Fault; left: number }[] = [];
  private answer: (line: GivenLine, place: number) => LineAnswer = usualAnswer;
  private isGoing = true;
  private made = 0;

  answerWith(answer: (line: GivenLine, place: number) => LineAnswer): void {
    this.answer = answer;
  }

  goesOn(goesOn: boolean): void {
    this.isGoing = goesOn;
  }

  fail(pattern: RegExp, fault: Fault, times = 1): void {
    this.faults.push({ pattern, fault, left: times });
  }

  reset(): void {
    this.faults = [];
    this.answer = usualAnswer;
    this.isGoing = true;
    this.live.length = 0;
    this.batches.length = 0;
    this.files.clear();
    this.asked.length = 0;
  }

  linesOf({ input_file_id: id }: ProvidersBatch): readonly GivenLine[] {
    const text = this.texts.get(id) ?? '';
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as GivenLine);
  }

  /** Inputs, also of files that are deleted. */
  private readonly texts = new Map<string, string>();

  end(id: string, status: string): void {
    const batch = this.batches.find((one) => one.id === id);
    if (batch !== undefined) this.finish(batch, status);
  }

  take(text: string, request: IncomingMessage, response: ServerResponse): void {
    const path = (request.url ?? '').replace(/^\/v1/, '');
    const name = `${request.method} ${path}`;
    this.asked.push(name);
    const fault = this.faults.find((one) => one.left > 0 && one.pattern.test(name));
    if (fault !== undefined) {
      fault.left -= 1;
      if (fault.fault === 'after') this.answerTo(name, text, request);
      if (typeof fault.fault === 'number')
        send(response, fault.fault, refusal(`No, says org-abc123 of sandbox-chat at ${request.headers.host}.`));
      else request.socket.destroy();
      return;
    }
    const { status, body } = this.answerTo(name, text, request);
    send(response, status, body);
  }

  private answerTo(name: string, text: string, request: IncomingMessage): { readonly status: number; readonly body: unknown } {
    const [method, target = ''] = name.split(' ');
    const [path = '', query = ''] = target.split('?');
    const [, kind, id = '', verb] = path.split('/');
    if (kind === 'files') return this.filesAnswer(method ?? '', id, verb, text, request, new URLSearchParams(query));
    if (kind === 'batches') return this.batchesAnswer(method ?? '', id, verb, text, new URLSearchParams(query));
    const body = JSON.parse(text) as Readonly<Record<string, unknown>>;
    this.live.push(body);
    const made = usualAnswer({ custom_id: '', method: 'POST', url: path, body });
    return made !== undefined && 'body' in made ? made : { status: 500, body: refusal('No.') };
  }

  private filesAnswer(
    method: string,
    id: string,
    verb: string | undefined,
    text: string,
    request: IncomingMessage,
    query: URLSearchParams,
  ): { readonly status: number; readonly body: unknown } {
    if (method === 'POST') return { status: 200, body: this.fileObject(this.keep(readForm(text, request))) };
    if (id === '') {
      const found = [...this.files].filter(
        ([, { purpose }]) => query.get('purpose') === null || purpose === query.get('purpose'),
      );
      return { status: 200, body: { object: 'list', data: found.map(([known]) => this.fileObject(known)), has_more: false } };
    }
    const file = this.files.get(id);
    if (file === undefined) return { status: 404, body: refusal(`No such File object: ${id}`) };
    if (verb === 'content') return { status: 200, body: file.text };
    if (method === 'DELETE') this.files.delete(id);
    return { status: 200, body: method === 'DELETE' ? { id, object: 'file', deleted: true } : this.fileObject(id, file) };
  }

  private batchesAnswer(
    method: string,
    id: string,
    verb: string | undefined,
    text: string,
    query: URLSearchParams,
  ): { readonly status: number; readonly body: unknown } {
    if (id === '' && method === 'GET') return { status: 200, body: pageOf([...this.batches].reverse(), query) };
    if (id === '')
      return {
        status: 200,
        body: this.create(JSON.parse(text) as { input_file_id: string; endpoint: string; metadata?: Record<string, string> }),
      };
    const batch = this.batches.find((one) => one.id === id);
    if (batch === undefined) return { status: 404, body: refusal(`No batch found with id '${id}'.`) };
    if (verb === 'cancel') batch.status = 'cancelling';
    else if (this.isGoing) this.step(batch);
    return { status: 200, body: { ...batch } };
  }

  private create({
    input_file_id,
    endpoint,
    metadata,
  }: {
    input_file_id: string;
    endpoint: string;
    metadata?: Record<string, string>;
  }): ProvidersBatch {
    this.made += 1;
    const batch: ProvidersBatch = {
      id: `batch_theirs${1000 + this.made}`,
      object: 'batch',
      endpoint,
      input_file_id,
      metadata: metadata ?? null,
      status: 'validating',
      output_file_id: null,
      error_file_id: null,
      request_counts: { total: 0, completed: 0, failed: 0 },
    };
    this.batches.push(batch);
    return { ...batch };
  }

  private step(batch: ProvidersBatch): void {
    const next: Readonly<Record<string, string>> = {
      validating: 'in_progress',
      in_progress: 'finalizing',
      finalizing: 'completed',
      cancelling: 'cancelled',
    };
    const status = next[batch.status];
    if (status === 'completed' || status === 'cancelled') this.finish(batch, status);
    else if (status !== undefined) {
      batch.status = status;
      batch.request_counts.total = this.linesOf(batch).length;
    }
  }

  /** Answers come in another order than they were asked. */
  private finish(batch: ProvidersBatch, status: string): void {
    batch.status = status;
    const output: string[] = [];
    const errors: string[] = [];
    for (const [place, line] of this.linesOf(batch).entries()) {
      const made = this.answer(line, place);
      if (made === undefined) continue;
      const head = { id: `batch_req_theirs${place}`, custom_id: line.custom_id };
      if ('error' in made) errors.unshift(JSON.stringify({ ...head, response: null, error: made.error }));
      else {
        const response = { status_code: made.status, request_id: `req_theirs${place}`, body: made.body };
        (made.status < 400 ? output : errors).unshift(JSON.stringify({ ...head, response, error: null }));
      }
    }
    const keep = (lines: readonly string[], which: string): string | null =>
      lines.length === 0
        ? null
        : this.keep({ filename: `${batch.id}_${which}.jsonl`, purpose: 'batch_output', text: `${lines.join('\n')}\n` });
    batch.output_file_id = keep(output, 'output');
    batch.error_file_id = keep(errors, 'error');
    batch.request_counts = { total: this.linesOf(batch).length, completed: output.length, failed: errors.length };
  }

  private keep(file: { filename: string; purpose: string; text: string }): string {
    this.made += 1;
    const id = `file-theirs${1000 + this.made}`;
    this.files.set(id, file);
    this.texts.set(id, file.text);
    return id;
  }

  private fileObject(id: string, file = this.files.get(id)): object {
    return {
      id,
      object: 'file',
      bytes: file?.text.length ?? 0,
      created_at: 1,
      filename: file?.filename,
      purpose: file?.purpose,
      status: 'processed',
    };
  }
}

function pageOf(batches: readonly ProvidersBatch[], query: URLSearchParams): object {
  const after = query.get('after');
  const from = after === null ? 0 : batches.findIndex(({ id }) => id === after) + 1;
  const data = batches.slice(from, from + 2);
  return { object: 'list', data, has_more: batches.length > from + data.length };
}

function readForm(text: string, { headers }: IncomingMessage): { filename: string; purpose: string; text: string } {
  const [, boundary = ''] = /boundary=(.+)$/.exec(headers['content-type'] ?? '') ?? [];
  const parts = text.split(`--${boundary}`).map((part) => part.split('\r\n\r\n'));
  const partOf = (name: string): string[] => parts.find(([head]) => head?.includes(`name="${name}"`)) ?? [];
  const [head = '', ...content] = partOf('file');
  return {
    filename: /filename="([^"]*)"/.exec(head)?.[1] ?? '',
    purpose: (partOf('purpose')[1] ?? '').trim(),
    text: content.join('\r\n\r\n').replace(/\r\n$/, ''),
  };
}

function refusal(message: string): object {
  return { error: { message, type: 'invalid_request_error', param: null, code: null } };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': typeof body === 'string' ? 'application/octet-stream' : 'application/json' });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}
