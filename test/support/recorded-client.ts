import type OpenAI from 'openai';
import { APIError } from 'openai';
import type { Exchange, Heard, Part, Recorded, Said, Tool, Wants } from '../fixtures/conversations/form.js';
import { faultsOf } from './openai-schema.js';
import { heardOfChat, heardOfChunks, heardOfEvents, heardOfResponse } from './recorded-hearing.js';

/** What a client got: what it heard, or how it was refused. */
export interface Got {
  readonly heard?: Heard;
  /** What the last event of a stream says in all. */
  readonly whole?: Heard | undefined;
  readonly refused?: { readonly status: number; readonly code: string | null | undefined };
  /** What is not in the form of OpenAI. */
  readonly faults: readonly string[];
}

/** A client that goes on with its conversation, exchange by exchange. */
export interface RecordedClient {
  ask(exchange: Exchange): Promise<Got>;
}

const parameters = { type: 'object', properties: { city: { type: 'string' } } };

/** It asks through chat, and brings its history along. */
export function chatClient(openai: OpenAI, { tools = [], wants = {} }: Recorded, streamed: boolean): RecordedClient {
  const messages: object[] = [];
  const offered = tools.map(({ name, isCustom }) =>
    isCustom === true ? { type: 'custom', custom: { name } } : { type: 'function', function: { name, parameters } },
  );
  return {
    ask: async ({ said }) => {
      messages.push(...said.map(messageOf));
      const asked = { model: 'assistant', messages, ...(tools.length === 0 ? {} : { tools: offered }), ...chatWants(wants) };
      const got = await (streamed ? chatStream(openai, asked) : chatWhole(openai, asked));
      if (got.heard !== undefined) messages.push(assistantOf(got.heard));
      return got;
    },
  };
}

/** It asks for responses: streamed ones continue what is kept here, others bring all items along. */
export function responsesClient(openai: OpenAI, { tools = [], wants = {} }: Recorded, streamed: boolean): RecordedClient {
  const items: unknown[] = [];
  let previous: string | undefined;
  const customs = new Set<string>();
  const offered = tools.map(({ name, isCustom }: Tool) =>
    isCustom === true ? { type: 'custom', name } : { type: 'function', name, parameters, strict: false },
  );
  return {
    ask: async ({ said, answer }) => {
      items.push(...said.map((one) => itemOf(one, customs)));
      const kept = previous === undefined ? {} : { previous_response_id: previous };
      const asked = {
        model: 'assistant',
        input: [...items],
        store: streamed,
        ...kept,
        ...(tools.length === 0 ? {} : { tools: offered }),
        ...responsesWants(wants),
      };
      const { response, ...got } = await (streamed ? responseStream(openai, asked) : responseWhole(openai, asked));
      for (const piece of answer.pieces) if ('isCustom' in piece) customs.add(piece.call);
      if (streamed) items.splice(0);
      else items.push(...(response?.output ?? []));
      previous = streamed ? response?.id : undefined;
      return got;
    },
  };
}

async function chatWhole(openai: OpenAI, asked: object): Promise<Got> {
  return refusedOr(async () => {
    const answer = await openai.chat.completions.create(asked as OpenAI.ChatCompletionCreateParamsNonStreaming);
    return { heard: heardOfChat(answer), faults: faultsOf('CreateChatCompletionResponse', plain(answer)) };
  });
}

async function chatStream(openai: OpenAI, asked: object): Promise<Got> {
  return refusedOr(async () => {
    const params = { ...asked, stream: true, stream_options: { include_usage: true } };
    const stream = await openai.chat.completions.create(params as OpenAI.ChatCompletionCreateParamsStreaming);
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    const hasFailed = await reads(stream, chunks);
    const faults = chunks.flatMap((chunk) => faultsOf('CreateChatCompletionStreamResponse', plain(chunk)));
    return { heard: heardOfChunks(chunks, hasFailed), faults };
  });
}

async function responseWhole(openai: OpenAI, asked: object): Promise<Got & { response?: OpenAI.Responses.Response }> {
  return refusedOr(async () => {
    const { output_text: _added, ...response } = await openai.responses.create(
      asked as OpenAI.Responses.ResponseCreateParamsNonStreaming,
    );
    const whole = response as OpenAI.Responses.Response;
    return { heard: heardOfResponse(whole), response: whole, faults: faultsOf('Response', plain(response)) };
  });
}

async function responseStream(openai: OpenAI, asked: object): Promise<Got & { response?: OpenAI.Responses.Response }> {
  return refusedOr(async () => {
    const params = { ...asked, stream: true } as OpenAI.Responses.ResponseCreateParamsStreaming;
    const stream = await openai.responses.create(params);
    const events: OpenAI.Responses.ResponseStreamEvent[] = [];
    await reads(stream, events);
    const faults = events
      .flatMap((event) => faultsOf('ResponseStreamEvent', plain(event)))
      // Before the end OpenAI's usage is null, for which its description has no word.
      .filter((fault) => fault !== 'ResponseStreamEvent.response.usage is no object');
    events.forEach(({ sequence_number: number }, at) => {
      if (number !== at) faults.push(`event ${at} has the number ${number}`);
    });
    const last = events.at(-1);
    if (last === undefined || !('response' in last))
      return { heard: heardOfEvents(events), faults: [...faults, 'it has no end'] };
    const whole = last.type === 'response.failed' ? undefined : heardOfResponse(last.response);
    return { heard: heardOfEvents(events), whole, response: last.response, faults };
  });
}

/** @returns whether the stream broke with an error. */
async function reads<T>(stream: AsyncIterable<T>, into: T[]): Promise<boolean> {
  try {
    for await (const one of stream) into.push(one);
    return false;
  } catch (error) {
    if (error instanceof APIError) return true;
    throw error;
  }
}

async function refusedOr<T extends Got>(ask: () => Promise<T>): Promise<T | Got> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof APIError) || typeof error.status !== 'number') throw error;
    return { refused: { status: error.status, code: error.code }, faults: faultsOf('ErrorResponse', { error: error.error }) };
  }
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function messageOf(said: Said): object {
  if ('system' in said) return { role: 'system', content: said.system };
  if ('resultOf' in said) return { role: 'tool', tool_call_id: said.resultOf, content: said.output };
  return { role: 'user', content: typeof said.user === 'string' ? said.user : said.user.map(chatPart) };
}

function chatPart(part: Part): object {
  if ('text' in part) return { type: 'text', text: part.text };
  if ('file' in part) return { type: 'file', file: { file_data: part.file, filename: part.name } };
  return { type: 'image_url', image_url: { url: part.image, ...(part.detail === undefined ? {} : { detail: part.detail }) } };
}

function itemOf(said: Said, customs: ReadonlySet<string>): object {
  if ('system' in said) return { type: 'message', role: 'system', content: said.system };
  if ('resultOf' in said) {
    const type = customs.has(said.resultOf) ? 'custom_tool_call_output' : 'function_call_output';
    return { type, call_id: said.resultOf, output: said.output };
  }
  return { role: 'user', content: typeof said.user === 'string' ? said.user : said.user.map(responsesPart) };
}

function responsesPart(part: Part): object {
  if ('text' in part) return { type: 'input_text', text: part.text };
  if ('file' in part) return { type: 'input_file', file_data: part.file, filename: part.name };
  return { type: 'input_image', image_url: part.image, detail: part.detail ?? 'auto' };
}

function assistantOf({ text, refusal, calls }: Heard): object {
  const told = calls.map(({ id, name, input, isCustom }) =>
    isCustom ? { id, type: 'custom', custom: { name, input } } : { id, type: 'function', function: { name, arguments: input } },
  );
  return {
    role: 'assistant',
    content: text === '' && (told.length > 0 || refusal !== '') ? null : text,
    ...(refusal === '' ? {} : { refusal }),
    ...(told.length === 0 ? {} : { tool_calls: told }),
  };
}

function chatWants({ schema, logprobs, effort, limit }: Wants): object {
  return {
    ...(schema === undefined
      ? {}
      : { response_format: { type: 'json_schema', json_schema: { name: 'reply', schema, strict: true } } }),
    ...(logprobs === undefined ? {} : { logprobs, top_logprobs: 1 }),
    ...(effort === undefined ? {} : { reasoning_effort: effort }),
    ...(limit === undefined ? {} : { max_completion_tokens: limit }),
  };
}

function responsesWants({ schema, logprobs, effort, limit }: Wants): object {
  return {
    ...(schema === undefined ? {} : { text: { format: { type: 'json_schema', name: 'reply', schema, strict: true } } }),
    ...(logprobs === undefined ? {} : { include: ['message.output_text.logprobs'], top_logprobs: 1 }),
    ...(effort === undefined ? {} : { reasoning: { effort } }),
    ...(limit === undefined ? {} : { max_output_tokens: limit }),
  };
}
