import { isFields, type Fields } from '../../../../kernel/fields.js';
import { jsonSize } from '../../../../kernel/json-size.js';
import { parsedOrUndefined } from '../../../../kernel/parse-json.js';
import { invalid } from '../../call/request-body.js';
import { readExact } from '../../wire/exact-json.js';
import { callIdOfFunction } from '../../call/function-call.js';
import type { AskedCall, AskedPart, AskedTurn } from './asked-chat.js';
import { readParts, readTexts } from './read-parts.js';

/** So many values may the arguments of one call have, so deep may they nest: reading them is one step of the event loop. */
const maxValues = 100_000;
const maxDepth = 256;

/** What the messages of a chat say. */
export interface AskedMessages {
  readonly instructions: readonly string[];
  readonly turns: readonly AskedTurn[];
}

/** @throws AppError invalid_value, unsupported_parameter. */
export function readMessages(messages: unknown): AskedMessages {
  if (!Array.isArray(messages)) throw invalid('messages', 'expected an array of messages');
  const reading = new Reading();
  for (const [at, message] of (messages as unknown[]).entries()) {
    if (!isFields(message)) throw invalid(`messages[${at}]`, 'expected an object with a role');
    reading.take(message, `messages[${at}]`);
  }
  return reading;
}

class Reading implements AskedMessages {
  readonly instructions: string[] = [];
  readonly turns: { readonly by: AskedTurn['by']; readonly parts: AskedPart[] }[] = [];
  private readonly names = new Map<string, string>();

  take(message: Fields, place: string): void {
    const { role, content } = message;
    switch (role) {
      case 'system':
      case 'developer':
        for (const text of readTexts(content, `${place}.content`)) this.instructions.push(text);
        break;
      case 'assistant':
        this.say('model', this.answerParts(message, place));
        break;
      case 'tool':
      case 'function':
        this.say('user', [this.result(message, place)]);
        break;
      case 'user':
        this.say('user', readParts(content, `${place}.content`));
        break;
      default:
        throw invalid(`${place}.role`, 'expected a role of a chat');
    }
  }

  private say(by: AskedTurn['by'], parts: readonly AskedPart[]): void {
    if (parts.length === 0) return;
    const last = this.turns.at(-1);
    if (last?.by !== by) this.turns.push({ by, parts: [...parts] });
    else for (const part of parts) last.parts.push(part);
  }

  private answerParts(message: Fields, place: string): AskedPart[] {
    const { content, refusal, tool_calls: listed, function_call: legacy } = message;
    const calls = Array.isArray(listed)
      ? (listed as unknown[]).map((call, at) => readCall(call, `${place}.tool_calls[${at}]`))
      : [];
    if (isFields(legacy)) calls.push(legacyCall(legacy, `${place}.function_call`));
    for (const { id, name } of calls) this.names.set(id, name);
    const texts = readTexts(content, `${place}.content`);
    if (typeof refusal === 'string' && refusal !== '') texts.push(refusal);
    return [
      { is: 'thoughts', message, calls: calls.map(({ id }) => id) },
      ...texts.map((text) => ({ is: 'text', text }) as const),
      ...calls,
    ];
  }

  private result({ tool_call_id: id, name, content }: Fields, place: string): AskedPart {
    const callId = typeof id === 'string' ? id : callIdOfFunction(String(name));
    const parts = readParts(content, `${place}.content`);
    return { is: 'result', callId, name: this.names.get(callId) ?? (typeof name === 'string' ? name : ''), parts };
  }
}

function readCall(call: unknown, place: string): AskedCall {
  if (!isFields(call) || typeof call['id'] !== 'string') throw invalid(place, "expected a call with an 'id'");
  const { id, function: told, custom } = call;
  if (isFields(custom)) return { is: 'call', id, name: nameOf(custom, place), input: { input: custom['input'] }, call };
  if (!isFields(told)) throw invalid(place, "expected a call with a 'function'");
  return { is: 'call', id, name: nameOf(told, `${place}.function`), input: inputOf(told, `${place}.function`), call };
}

function legacyCall(told: Fields, place: string): AskedCall {
  const name = nameOf(told, place);
  return { is: 'call', id: callIdOfFunction(name), name, input: inputOf(told, place), call: {} };
}

function nameOf({ name }: Fields, place: string): string {
  if (typeof name !== 'string' || name === '') throw invalid(`${place}.name`, 'expected the name of a tool');
  return name;
}

/** The arguments of a call, their numbers as they were written. */
function inputOf({ arguments: given }: Fields, place: string): Fields {
  if (isFields(given)) return given;
  if (given === undefined || given === null || given === '') return {};
  const wrong = (): Error => invalid(`${place}.arguments`, 'expected the JSON of an object');
  if (typeof given !== 'string') throw wrong();
  const bytes = Buffer.from(given);
  const { values, depth } = jsonSize(bytes, maxValues);
  if (values > maxValues) throw invalid(`${place}.arguments`, `they have more than ${maxValues} values`);
  if (depth > maxDepth) throw invalid(`${place}.arguments`, `they nest more than ${maxDepth} deep`);
  const read = readExact(bytes, parsedOrUndefined(given));
  if (!isFields(read)) throw wrong();
  return read;
}
