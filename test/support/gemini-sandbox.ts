import type { ServerResponse } from 'node:http';
import { isFields, type Fields } from '../../src/kernel/fields.js';
import type { Sandbox } from '../../src/sandbox/server.js';
import {
  partsEvent,
  refuse,
  startGeminiProvider,
  tellGemini,
  textEvent,
  type GeminiAsked,
  type GeminiProvider,
} from './gemini-provider.js';
import { askModel, embedTexts, passOn, type SaidPiece } from './model-over-chat.js';

/** A provider of generateContent whose model is the sandbox's: its commands work in what is said to it. */
export async function startGeminiSandbox(sandbox: Sandbox): Promise<GeminiProvider> {
  const provider = await startGeminiProvider();
  provider.answerWith((asked, response) => {
    const told = Array.isArray(asked.body['requests']) ? embed(sandbox, asked.body, response) : tell(sandbox, asked, response);
    // A client that leaves, or an answer that is cut, ends the connection.
    told.catch(() => response.destroy());
  });
  return provider;
}

const reasons: Readonly<Record<string, string>> = { length: 'MAX_TOKENS', content_filter: 'SAFETY' };
const statuses: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ABORTED',
  429: 'RESOURCE_EXHAUSTED',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

async function embed(sandbox: Sandbox, body: Fields, response: ServerResponse): Promise<void> {
  const requests = listOf(body['requests']);
  const texts = requests.map(({ content }) => textOf(listOf(isFields(content) ? content['parts'] : [])));
  const dimensions = requests[0]?.['outputDimensionality'];
  const vectors = await embedTexts(sandbox, texts, typeof dimensions === 'number' ? dimensions : undefined);
  const embeddings = vectors.map((values) => ({ values }));
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ embeddings }));
}

async function tell(sandbox: Sandbox, { model, body, streamed }: GeminiAsked, response: ServerResponse): Promise<void> {
  const answer = await askModel(sandbox, chatOf(model, body), response);
  if ('broken' in answer) return passOn(answer, response);
  if (!('pieces' in answer)) {
    if (answer.retryAfter !== null) response.setHeader('retry-after', answer.retryAfter);
    return refuse(response, answer.status, statuses[answer.status] ?? 'INTERNAL', answer.message);
  }
  const events: Fields[] = [];
  const send = (event: Fields): void => {
    events.push(event);
    if (streamed) response.write(`data: ${JSON.stringify(event)}\r\n\r\n`);
  };
  if (streamed) response.setHeader('content-type', 'text/event-stream');
  // Gemini tells a call whole.
  const calls = new Map<number, { name: string; json: string }>();
  let last: SaidPiece = { calls: [] };
  for await (const piece of answer.pieces) {
    if (piece.error !== undefined) return fail(streamed, response, piece.error);
    if (piece.text !== undefined) send(textEvent(piece.text));
    for (const { index, name, input } of piece.calls) {
      const call = calls.get(index) ?? { name: '', json: '' };
      calls.set(index, { name: call.name + (name ?? ''), json: call.json + input });
    }
    last = { ...last, ...piece };
  }
  for (const { name, json } of calls.values())
    send(partsEvent({ functionCall: { name, args: JSON.parse(json === '' ? '{}' : json) as Fields } }));
  // A model that never came to an end tells no reason for one.
  if (last.finish !== undefined) send(endOf(last, last.finish));
  else if (!streamed) return void response.destroy();
  if (streamed) response.end();
  else tellGemini(response, false, events);
}

function fail(streamed: boolean, response: ServerResponse, message: string): void {
  if (streamed) response.end(`data: ${JSON.stringify({ error: { code: 503, message, status: 'UNAVAILABLE' } })}\r\n\r\n`);
  else refuse(response, 503, 'UNAVAILABLE', message);
}

function endOf({ usage }: SaidPiece, finish: string): Fields {
  const { prompt_tokens: prompt = 1, completion_tokens: said = 1 } = usage ?? {};
  const finishReason = reasons[finish] ?? 'STOP';
  return {
    candidates: [{ content: { parts: [{ text: '' }], role: 'model' }, finishReason, index: 0 }],
    usageMetadata: { promptTokenCount: prompt, candidatesTokenCount: said, totalTokenCount: prompt + said },
  };
}

/** The request as the sandbox understands it. */
function chatOf(model: string, body: Fields): Fields {
  const { contents, systemInstruction: system, tools, toolConfig, generationConfig } = body;
  const { maxOutputTokens, stopSequences, responseMimeType: form, responseJsonSchema: schema } = fieldsOf(generationConfig);
  const instructions = textOf(listOf(fieldsOf(system)['parts']));
  const offered = listOf(tools)
    .flatMap(({ functionDeclarations }) => listOf(functionDeclarations))
    .map(({ name, description, parametersJsonSchema: parameters }) => ({
      type: 'function',
      function: { name, description, parameters },
    }));
  const isJson = form === 'application/json';
  return {
    model,
    ...(maxOutputTokens === undefined ? {} : { max_tokens: maxOutputTokens }),
    ...(stopSequences === undefined ? {} : { stop: stopSequences }),
    messages: [
      ...(instructions === '' ? [] : [{ role: 'system', content: instructions }]),
      ...listOf(contents).flatMap(({ role, parts }) => messagesOf(role, listOf(parts))),
    ],
    ...(offered.length === 0 ? {} : { tools: offered, tool_choice: choiceOf(fieldsOf(toolConfig)) }),
    ...(isJson && schema === undefined ? { response_format: { type: 'json_object' } } : {}),
    ...(isJson && schema !== undefined
      ? { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema } } }
      : {}),
  };
}

function choiceOf({ functionCallingConfig }: Fields): unknown {
  const { mode, allowedFunctionNames: names } = fieldsOf(functionCallingConfig);
  if (Array.isArray(names)) return { type: 'function', function: { name: String(names[0]) } };
  return mode === 'NONE' ? 'none' : mode === 'ANY' ? 'required' : 'auto';
}

function messagesOf(role: unknown, parts: readonly Fields[]): Fields[] {
  const text = textOf(parts);
  if (role === 'model') {
    const calls = parts.flatMap(({ functionCall: call }) => {
      if (!isFields(call)) return [];
      return [
        { id: String(call['id']), type: 'function', function: { name: call['name'], arguments: JSON.stringify(call['args']) } },
      ];
    });
    return [{ role: 'assistant', content: text, ...(calls.length === 0 ? {} : { tool_calls: calls }) }];
  }
  const told = parts.flatMap(({ functionResponse: result }) => {
    if (!isFields(result)) return [];
    return [{ role: 'tool', tool_call_id: String(result['id']), content: String(fieldsOf(result['response'])['output']) }];
  });
  return text === '' && told.length > 0 ? told : [...told, { role: 'user', content: text }];
}

function textOf(parts: readonly Fields[]): string {
  return parts.flatMap(({ text }) => (typeof text === 'string' ? [text] : [])).join('\n');
}

function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

function listOf(value: unknown): Fields[] {
  return Array.isArray(value) ? (value as Fields[]) : [];
}
