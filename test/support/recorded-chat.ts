import type { ServerResponse } from 'node:http';
import { usualUsage, wholeOf, type Answer, type Call, type Piece, type Usage } from '../fixtures/conversations/form.js';

const head = { id: 'chatcmpl-recorded', created: 1_700_000_000, model: 'provider-model' };

/** Says a recorded answer as a provider of chat does. @param functions names of functions that it was offered. */
export function sayInChat(response: ServerResponse, answer: Answer, streamed: boolean, functions: ReadonlySet<string>): void {
  if (streamed) stream(response, answer, functions);
  else if (answer.end === 'broken' || answer.end === 'stopped') breakOff(response, JSON.stringify(wholeReply(answer, functions)));
  else if (answer.end === 'error')
    json(response, { error: { message: 'It broke.', type: 'server_error', code: null, param: null } });
  else json(response, wholeReply(answer, functions));
}

/** Ends in the middle of the bytes. */
export function breakOff(response: ServerResponse, text: string): void {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.write(text.slice(0, text.length / 2), () => response.destroy());
}

export function json(response: ServerResponse, body: object): void {
  response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
}

function stream(response: ServerResponse, answer: Answer, functions: ReadonlySet<string>): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const chunk of chunksOf(answer, functions)) response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  if (answer.end === 'broken') {
    response.write(': the end\n', () => response.destroy());
    return;
  }
  if (answer.end === 'error') response.write('data: {"error":{"message":"It broke.","type":"server_error"}}\n\n');
  else if (answer.end !== 'stopped') response.write('data: [DONE]\n\n');
  response.end();
}

/** The chunks that say an answer, usage in the last. @param functions names of functions that the model was offered. */
export function chunksOf(answer: Answer, functions: ReadonlySet<string>): object[] {
  const chunks: object[] = [];
  const send = (members: object): unknown => chunks.push({ ...head, object: 'chat.completion.chunk', usage: null, ...members });
  const say = (delta: object, finish: string | null = null, logprobs: object | null = null): unknown =>
    send({ choices: [{ index: 0, delta, finish_reason: finish, logprobs }] });
  say({ role: 'assistant', content: '', refusal: null });
  const begun = new Map<string, Call>();
  for (const piece of asOffered(answer, functions)) {
    if ('thought' in piece) say({ reasoning_content: (piece.isNext === true ? '\n' : '') + piece.thought });
    else if ('text' in piece) say({ content: piece.text }, null, logprobsOf([piece]));
    else if ('refusal' in piece) say({ refusal: piece.refusal });
    else say({ tool_calls: [callPiece(piece, begun, functions)] });
  }
  if (wholeOf(answer).end === 'failed') return chunks;
  say({}, finishOf(answer));
  send({ choices: [], usage: usageOf(answer.usage ?? usualUsage) });
  return chunks;
}

/** A custom tool that was offered as a function is called as one: the whole input in its one argument, at once. */
function asOffered(answer: Answer, functions: ReadonlySet<string>): readonly Piece[] {
  const wrapped = new Map(
    wholeOf(answer)
      .calls.filter(({ isCustom, name }) => isCustom && functions.has(name))
      .map((call) => [call.id, call]),
  );
  return answer.pieces.flatMap((piece): Piece[] => {
    const call = 'call' in piece ? wrapped.get(piece.call) : undefined;
    if (call === undefined) return [piece];
    return 'name' in piece ? [{ call: call.id, name: call.name, input: JSON.stringify({ input: call.input }) }] : [];
  });
}

function callPiece(piece: Extract<Piece, { call: string }>, begun: Map<string, Call>, functions: ReadonlySet<string>): object {
  const known = begun.get(piece.call);
  const isCustom = known?.isCustom ?? ('isCustom' in piece && !functions.has(piece.name));
  if (known === undefined)
    begun.set(piece.call, { id: piece.call, name: 'name' in piece ? piece.name : '', input: '', isCustom });
  const index = [...begun.keys()].indexOf(piece.call);
  const named = 'name' in piece ? { name: piece.name } : {};
  const first = 'name' in piece ? { id: piece.call, type: isCustom ? 'custom' : 'function' } : {};
  return isCustom
    ? { index, ...first, custom: { ...named, input: piece.input } }
    : { index, ...first, function: { ...named, arguments: piece.input } };
}

function wholeReply(answer: Answer, functions: ReadonlySet<string>): object {
  const { thought, text, refusal, calls } = wholeOf(answer);
  const told = calls.map(({ id, name, input, isCustom }) =>
    isCustom && !functions.has(name)
      ? { id, type: 'custom', custom: { name, input } }
      : { id, type: 'function', function: { name, arguments: isCustom ? JSON.stringify({ input }) : input } },
  );
  const message = {
    role: 'assistant',
    content: text === '' && (calls.length > 0 || refusal !== '') ? null : text,
    refusal: refusal === '' ? null : refusal,
    ...(thought === '' ? {} : { reasoning_content: thought }),
    ...(told.length === 0 ? {} : { tool_calls: told }),
  };
  const logprobs = logprobsOf(answer.pieces);
  return {
    ...head,
    object: 'chat.completion',
    choices: [{ index: 0, message, finish_reason: finishOf(answer), logprobs }],
    usage: usageOf(answer.usage ?? usualUsage),
  };
}

/** Tokens with their probabilities, each beside one that was not taken. */
export function tokensOf(pieces: readonly Piece[]): object[] {
  return pieces.flatMap((piece) =>
    'text' in piece && piece.logprob !== undefined
      ? [
          {
            token: piece.text,
            logprob: piece.logprob,
            bytes: [...Buffer.from(piece.text)],
            top_logprobs: [{ token: 'other', logprob: -9.5, bytes: [...Buffer.from('other')] }],
          },
        ]
      : [],
  );
}

function logprobsOf(pieces: readonly Piece[]): object | null {
  const content = tokensOf(pieces);
  return content.length === 0 ? null : { content, refusal: null };
}

function finishOf(answer: Answer): string {
  const { end } = wholeOf(answer);
  return end === 'calls' ? 'tool_calls' : end;
}

function usageOf({ input, output, cached, thought }: Usage): object {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached },
    completion_tokens_details: { reasoning_tokens: thought },
  };
}
