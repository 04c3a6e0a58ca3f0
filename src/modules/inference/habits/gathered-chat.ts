import { givenMembers, isFields, isGiven, type Fields } from '../../../kernel/fields.js';
import { saysError } from '../../provider-answers/answer-fault.js';
import { wrongAnswer } from '../call/wrong-answer.js';
import { numberOf } from '../wire/exact-json.js';
import { withPiece } from '../wire/further-members.js';

/** One choice, as far as it has come. */
interface OpenChoice {
  readonly message: Fields | undefined;
  readonly logprobs: Fields | undefined;
  readonly reason: unknown;
}

const nothing: OpenChoice = { message: undefined, logprobs: undefined, reason: null };

/** Puts the reply of a chat together from its chunks. */
export class GatheredChat {
  private readonly choices = new Map<number, OpenChoice>();
  private head: Fields = {};
  private usage: unknown;

  /** @throws AppError upstream_error for a chunk that tells an error. */
  take(chunk: Fields): void {
    if (saysError(chunk)) throw wrongAnswer('its stream tells an error');
    const { choices, usage, object: _object, ...head } = chunk;
    if (Array.isArray(choices)) for (const choice of choices as unknown[]) if (isFields(choice)) this.add(choice);
    if (isFields(usage)) this.usage = usage;
    this.head = { ...this.head, ...givenMembers(head) };
  }

  /** The reply; undefined when a choice has not ended. */
  whole(): Fields | undefined {
    const choices = [...this.choices].sort(([a], [b]) => a - b).map(([index, choice]) => wholeChoice(index, choice));
    if (choices.length === 0 || choices.some(({ finish_reason: reason }) => !isGiven(reason))) return undefined;
    const told = this.usage === undefined ? {} : { usage: this.usage };
    return { ...this.head, object: 'chat.completion', choices, ...told };
  }

  private add({ index, delta, logprobs, finish_reason: reason }: Fields): void {
    const at = numberOf(index) ?? 0;
    const open = this.choices.get(at) ?? nothing;
    this.choices.set(at, {
      message: withPiece(open.message, isFields(delta) ? givenMembers(delta) : undefined),
      logprobs: withPiece(open.logprobs, isFields(logprobs) ? logprobs : undefined),
      reason: isGiven(reason) && reason !== '' ? reason : open.reason,
    });
  }
}

function wholeChoice(index: number, { message = {}, logprobs = undefined, reason }: OpenChoice): Fields {
  const calls = message['tool_calls'];
  return {
    index,
    message: {
      content: null,
      refusal: null,
      ...message,
      role: 'assistant',
      ...(Array.isArray(calls) ? { tool_calls: (calls as unknown[]).map(wholeCall) } : {}),
    },
    logprobs: logprobs ?? null,
    finish_reason: reason,
  };
}

/** A call without its place among those of a stream. */
function wholeCall(call: unknown): unknown {
  if (!isFields(call)) return call;
  const { index: _index, ...rest } = call;
  return rest;
}
