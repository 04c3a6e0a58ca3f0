import { answerJson } from '../answers.js';
import { chatReply, promptTokens } from '../chat-reply.js';
import { Commands } from '../commands.js';
import { SandboxError } from '../errors.js';
import type { Exchange } from '../exchange.js';
import { playFaults } from '../faults.js';
import { readBody, readModel } from '../request-fields.js';
import { usageOf } from '../usage.js';
import { readItem } from './response-items.js';
import { finishedResponse, now, responseUsage } from './response-object.js';
import { compaction, outputOf, type OutputItem } from './response-output.js';
import { readResponseRequest, responseRequest, type ResponseRequest } from './response-request.js';
import { streamResponse } from './response-stream.js';

const prefix = '/v1/responses/';

/** POST /v1/responses, plain and streamed. */
export async function createResponse(exchange: Exchange): Promise<void> {
  const request = readResponseRequest(exchange);
  const { commands, model, stream } = request.chat;
  if (await playFaults(exchange, commands, model)) return;
  const reply = chatReply(request.chat, exchange);
  const head = { id: exchange.state.newId('resp_sandbox'), createdAt: now() };
  const output = outputOf(exchange, request, reply);
  const finished = finishedResponse(request, head, reply, output);
  if (request.store && !endsEarly(commands)) {
    const bytes = (request.previous?.bytes ?? 0) + exchange.body.length + (reply.text ?? '').length;
    const messages = [...request.conversation, ...output.map((item) => readItem(item, 'output'))];
    exchange.state.responses.keep({ id: head.id, response: finished, messages, output: output.map(asObject), bytes });
  }
  if (stream && !commands.breaksBody) await streamResponse(exchange, request, head, output, finished);
  else await answerJson(exchange, commands, finished);
}

/** GET /v1/responses/{id}: a stored response. */
export async function getResponse(exchange: Exchange): Promise<void> {
  const stored = exchange.state.responses.get(idIn(exchange));
  if (stored === undefined) throw notFound(exchange);
  await answerJson(exchange, Commands.none, stored.response);
}

/** DELETE /v1/responses/{id}. */
export async function deleteResponse(exchange: Exchange): Promise<void> {
  const id = idIn(exchange);
  if (!exchange.state.responses.remove(id)) throw notFound(exchange);
  await answerJson(exchange, Commands.none, { id, object: 'response', deleted: true });
}

/** POST /v1/responses/input_tokens: counts as the response's usage would, without an answer. */
export async function countInputTokens(exchange: Exchange): Promise<void> {
  const body = readBody(exchange.body);
  const model = typeof body['model'] === 'string' ? body['model'] : 'sandbox-chat';
  const request = responseRequest(exchange, { ...body, input: body['input'] ?? '' }, model);
  if (await playFaults(exchange, request.chat.commands, model)) return;
  await answerJson(exchange, request.chat.commands, {
    object: 'response.input_tokens',
    input_tokens: promptTokens(request.chat),
  });
}

/** POST /v1/responses/compact: the messages of the user, and one item that stands for the whole conversation. */
export async function compactResponse(exchange: Exchange): Promise<void> {
  const body = readBody(exchange.body);
  const request = responseRequest(exchange, { ...body, input: body['input'] ?? [] }, readModel(body));
  const { commands, model } = request.chat;
  if (await playFaults(exchange, commands, model)) return;
  const last = compaction(exchange, request);
  const usage = responseUsage(usageOf(promptTokens(request.chat), 1, commands));
  await answerJson(exchange, commands, {
    id: exchange.state.newId('resp_sandbox'),
    object: 'response.compaction',
    created_at: now(),
    output: [...userMessages(exchange, request), last],
    usage: commands.has('no-usage') ? undefined : usage,
  });
}

function userMessages(exchange: Exchange, request: ResponseRequest): readonly object[] {
  return request.conversation
    .filter(({ role }) => role === 'user')
    .map(({ received: { content } }) => ({
      type: 'message',
      id: exchange.state.newId('msg_sandbox'),
      status: 'completed',
      role: 'user',
      content: typeof content === 'string' ? [{ type: 'input_text', text: content }] : content,
    }));
}

/** A stream that breaks off leaves no response behind. */
function endsEarly(commands: Commands): boolean {
  return commands.has('cut') || commands.has('cut-clean') || commands.has('error-event');
}

function asObject(item: OutputItem): Readonly<Record<string, unknown>> {
  return { ...item };
}

function idIn(exchange: Exchange): string {
  return exchange.path.slice(prefix.length);
}

function notFound(exchange: Exchange): SandboxError {
  const message = `Response with id '${idIn(exchange).slice(0, 100)}' not found.`;
  return new SandboxError(404, { message, type: 'invalid_request_error', param: null, code: null });
}
