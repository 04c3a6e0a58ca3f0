import { givenMembers, isFields, isGiven, type Fields } from '../../../kernel/fields.js';
import { saysError } from '../../provider-answers/answer-fault.js';
import { wrongAnswer } from '../call/wrong-answer.js';
import { AnsweredChoices } from '../chunks/answered-choices.js';

/** Puts the reply of a chat together from its chunks. */
export class GatheredChat {
  private readonly choices = new AnsweredChoices();
  private readonly head = new Map<string, unknown>();
  private usage: unknown;

  /** @throws AppError upstream_error for a chunk that tells an error. */
  take(chunk: Fields): void {
    if (saysError(chunk)) throw wrongAnswer('its stream tells an error');
    const { choices, usage, object: _object, ...head } = chunk;
    if (Array.isArray(choices)) this.choices.add(choices as unknown[]);
    if (isFields(usage)) this.usage = usage;
    for (const [name, value] of Object.entries(givenMembers(head))) this.head.set(name, value);
  }

  /** The reply; undefined when a choice has not ended. */
  whole(): Fields | undefined {
    const choices = this.choices.whole();
    if (choices.length === 0 || choices.some(({ finish_reason: reason }) => !isGiven(reason))) return undefined;
    const told = this.usage === undefined ? {} : { usage: this.usage };
    return { ...Object.fromEntries(this.head), object: 'chat.completion', choices, ...told };
  }
}
