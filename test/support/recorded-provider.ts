import type { ServerResponse } from 'node:http';
import { wholeOf, type Answer, type Part, type Recorded, type Told, type Wants } from '../fixtures/conversations/form.js';
import { isFields, type Fields } from '../../src/kernel/fields.js';
import { sayInChat } from './recorded-chat.js';
import { sayInResponses } from './recorded-responses.js';
import type { RecordedBody } from './recording-provider.js';

/** Says this answer on the wire that it is asked on. */
export const recordedAnswer = (answer: Answer) => (body: RecordedBody, response: ServerResponse) => {
  const { refused } = answer;
  if (refused !== undefined) {
    const error = { message: 'No.', type: 'invalid_request_error', code: refused.code, param: null };
    response.writeHead(refused.status, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
    return;
  }
  const asked: Fields = body;
  if (Array.isArray(asked['messages'])) sayInChat(response, answer, asked['stream'] === true, new Set(functionsOf(asked)));
  else sayInResponses(response, answer, asked['stream'] === true);
};

/** What the model has to be told in the exchange of this number: everything that was said before it, and what it is asked. */
export function expectedOf({ exchanges, tools = [], wants = {} }: Recorded, number: number): Told {
  const said = exchanges.slice(0, number + 1).flatMap(({ said: asked, answer }, at) => [
    ...asked.map((one): readonly [string, ...unknown[]] => {
      if ('system' in one) return ['system', one.system];
      if ('resultOf' in one) return ['result', one.resultOf, one.output];
      return ['user', ...(typeof one.user === 'string' ? [one.user] : one.user.map(partTold))];
    }),
    ...(at === number ? [] : answerTold(answer)),
  ]);
  return [['tools', ...tools.map(({ name }) => name)], ['wants', wantsTold(wants)], ...said];
}

function answerTold(answer: Answer): (readonly [string, ...unknown[]])[] {
  const { text, refusal, calls } = wholeOf(answer);
  return [
    ...(text === '' ? [] : [['assistant', text] as const]),
    ...(refusal === '' ? [] : [['refusal', refusal] as const]),
    ...calls.map(({ id, name, input }) => ['call', id, name, input] as const),
  ];
}

function partTold(part: Part): string {
  if ('text' in part) return part.text;
  return 'file' in part ? `file ${part.name} ${part.file}` : `image ${part.image} ${part.detail ?? 'auto'}`;
}

function wantsTold({ schema, logprobs, effort, limit }: Wants): object {
  return { schema: schema ?? null, logprobs: logprobs ?? false, effort: effort ?? null, limit: limit ?? null };
}

/** What a request to the provider tells the model, on either wire. @param customs names of tools that take a text. */
export function toldIn(body: Fields, customs: ReadonlySet<string>): Told {
  const tools = Array.isArray(body['tools']) ? (body['tools'] as Fields[]) : [];
  const names = tools.map((tool) => nameOf(tool));
  if (Array.isArray(body['messages'])) {
    const { response_format: format, logprobs, reasoning_effort: effort, max_completion_tokens: limit } = body;
    const schema = innerOf(format, 'json_schema')['schema'];
    const wants = { schema, logprobs, effort, limit } as Wants;
    const said = (body['messages'] as Fields[]).flatMap((message) => messageTold(message, customs));
    return [['tools', ...names], ['wants', wantsTold(wants)], ...said];
  }
  const { text, include, reasoning, max_output_tokens: limit, input } = body;
  const schema = innerOf(text, 'format')['schema'];
  const effort = isFields(reasoning) ? reasoning['effort'] : undefined;
  const logprobs = Array.isArray(include) && include.includes('message.output_text.logprobs') ? true : undefined;
  const said = (input as Fields[]).flatMap(itemTold);
  return [['tools', ...names], ['wants', wantsTold({ schema, logprobs, effort, limit } as Wants)], ...said];
}

function messageTold(
  { role, content, refusal, tool_calls: calls, tool_call_id: id }: Fields,
  customs: ReadonlySet<string>,
): Told {
  if (role === 'tool') return [['result', id, textOf(content)] as const];
  if (role !== 'assistant') return [[String(role), ...partsTold(content)] as const];
  const told = Array.isArray(calls) ? (calls as Fields[]) : [];
  return [
    ...(content === null || content === undefined || content === '' ? [] : [['assistant', textOf(content)] as const]),
    ...(typeof refusal === 'string' ? [['refusal', refusal] as const] : []),
    ...told.map((call) => {
      const name = nameOf(call);
      return ['call', call['id'], name, customs.has(name) ? customInput(call) : inputOf(call)] as const;
    }),
  ];
}

function itemTold({ type = 'message', role, content, call_id: id, name, output, ...rest }: Fields): Told {
  if (type === 'reasoning') return [];
  if (type === 'function_call') return [['call', id, name, rest['arguments']] as const];
  if (type === 'custom_tool_call') return [['call', id, name, rest['input']] as const];
  if (type !== 'message') return [['result', id, textOf(output)] as const];
  if (role !== 'assistant') return [[String(role), ...partsTold(content)] as const];
  const parts = content as Fields[];
  const refusals = parts.filter((part) => part['type'] === 'refusal').map((part) => ['refusal', part['refusal']] as const);
  const text = textOf(parts.filter((part) => part['type'] !== 'refusal'));
  return [...(text === '' ? [] : [['assistant', text] as const]), ...refusals];
}

function partsTold(content: unknown): string[] {
  if (!Array.isArray(content)) return [String(content)];
  return (content as Fields[]).map((part) => {
    const { text, image_url: image, detail, file } = part;
    if (typeof text === 'string') return text;
    if (isFields(image)) return `image ${String(image['url'])} ${String(image['detail'] ?? 'auto')}`;
    if (typeof image === 'string') return `image ${image} ${String(detail ?? 'auto')}`;
    const { filename, file_data: data } = isFields(file) ? file : part;
    return `file ${String(filename)} ${String(data)}`;
  });
}

function textOf(content: unknown): string {
  return typeof content === 'string' ? content : (content as Fields[]).map((part) => String(part['text'])).join('');
}

function innerOf(value: unknown, name: string): Fields {
  const inner = isFields(value) ? value[name] : undefined;
  return isFields(inner) ? inner : {};
}

function functionsOf(body: Fields): string[] {
  const tools = Array.isArray(body['tools']) ? (body['tools'] as Fields[]) : [];
  return tools.filter(({ type }) => type === 'function').map((tool) => nameOf(tool));
}

function nameOf(tool: Fields): string {
  const inner = tool['function'] ?? tool['custom'] ?? tool;
  return String((inner as Fields)['name']);
}

function inputOf({ function: told }: Fields): unknown {
  return isFields(told) ? told['arguments'] : undefined;
}

/** A custom call, which may have been said as a function with one text. */
function customInput({ custom, function: told }: Fields): unknown {
  if (isFields(custom)) return custom['input'];
  return isFields(told) ? (JSON.parse(String(told['arguments'])) as Fields)['input'] : undefined;
}
