import { AppError } from '../../../../kernel/app-error.js';
import { isFields, type Fields } from '../../../../kernel/fields.js';
import { maxStoredBytes, type NewCompletion } from '../../../stored-completions/completion-record.js';
import { AnswerPart, eventPart } from '../../call/answer-part.js';
import type { KeptCall } from '../../call/kept-call.js';
import { wrongAnswer } from '../../call/wrong-answer.js';
import { numberOf, printExact } from '../../wire/exact-json.js';
import { readObject } from '../../wire/json-body.js';
import { spliceBody, type Edit } from '../../wire/json-edit.js';
import { AnsweredChoices } from '../../chunks/answered-choices.js';
import type { StoredRequest } from './stored-request.js';

/** What is known of a call before it is answered. */
export interface KeptChatFacts {
  /** The id that the answer gets. */
  readonly id: string;
  readonly publishedName: string;
  /** The client of a stream asked for its usage. Who did not is not told; it is stored all the same. */
  readonly usageAsked: boolean;
  readonly request: StoredRequest;
}

/** A chat completion that is stored: the choices as they were answered, under an id of ours. */
export class KeptChat implements KeptCall {
  private readonly streamed = new AnsweredChoices();
  private whole: readonly unknown[] | undefined;
  /** Members that were told once or again: the last word counts. */
  private readonly head: Record<string, unknown> = {};
  private readonly idEdit: Edit;

  constructor(private readonly facts: KeptChatFacts) {
    this.idEdit = { op: 'set', key: 'id', value: Buffer.from(JSON.stringify(facts.id)) };
  }

  take(part: AnswerPart): AnswerPart | undefined {
    const said = part.ownExact();
    const body = readObject(part.json);
    if (!isFields(said) || !body.ok) throw wrongAnswer('it is no JSON object and cannot be stored');
    const choices = Array.isArray(said['choices']) ? (said['choices'] as unknown[]) : [];
    const isUnasked = part.isEvent && !this.facts.usageAsked && isFields(said['usage']);
    this.note(said);
    if (part.isEvent) this.grow(choices);
    else this.whole = choices.map(wholeChoice);
    if (isUnasked && choices.length === 0) return undefined;
    const edits: Edit[] = isUnasked ? [this.idEdit, { op: 'remove', key: 'usage' }] : [this.idEdit];
    const { bytes, scan } = body;
    const spliced = spliceBody(bytes, scan, edits);
    const json = spliced.subarray(scan.start, spliced.length - (bytes.length - scan.end));
    return part.isEvent ? eventPart(json) : new AnswerPart(json);
  }

  completion(): NewCompletion {
    const { id, request } = this.facts;
    const { created, model = this.facts.publishedName, ...told } = this.head;
    const answer = printExact({
      id,
      object: 'chat.completion',
      created: created ?? Math.floor(Date.now() / 1000),
      model,
      choices: this.whole ?? this.streamed.whole(),
      ...told,
    });
    if (Buffer.byteLength(answer) > maxStoredBytes) throw tooLong();
    // Two objects become one; neither is empty.
    const completion = `${answer.slice(0, -1)},${request.parameters.slice(1)}`;
    return { id, model: String(model), metadata: request.metadata, completion, messages: request.messages };
  }

  private note({ created, model, usage, system_fingerprint: fingerprint, service_tier: tier }: Fields): void {
    if (Number.isInteger(numberOf(created))) this.head['created'] = created;
    if (typeof model === 'string') this.head['model'] = model;
    if (isFields(usage)) this.head['usage'] = usage;
    if (typeof fingerprint === 'string') this.head['system_fingerprint'] = fingerprint;
    if (typeof tier === 'string') this.head['service_tier'] = tier;
  }

  private grow(choices: readonly unknown[]): void {
    this.streamed.add(choices);
    if (this.streamed.characters > maxStoredBytes) throw tooLong();
  }
}

/** A choice of a whole reply; members that OpenAI always has and the provider left out are null. */
function wholeChoice(choice: unknown, at: number): unknown {
  if (!isFields(choice)) return choice;
  const { message } = choice;
  const said = isFields(message) ? { role: 'assistant', content: null, refusal: null, ...message } : message;
  return { index: at, finish_reason: null, logprobs: null, ...choice, message: said };
}

function tooLong(): AppError {
  return new AppError('upstream_error', { message: 'The answer is too long to be stored.' });
}
