import { isFields, type Fields } from '../../../../../kernel/fields.js';
import { numberOf } from '../../../wire/exact-json.js';
import { legacyLogprobs } from './legacy-logprobs.js';

/** Tells the choices of a chat, whole ones or pieces of a stream, as those of a legacy completion. */
export class ChoiceTexts {
  /** By the choice's index, how many characters of tokens were told. */
  private readonly told = new Map<number, number>();
  private readonly echoed = new Set<number>();

  /**
   * @param echo what stands in front of each choice.
   * @param alternatives how many of each token are told; undefined where no probabilities were asked for.
   */
  constructor(
    private readonly echo: string,
    private readonly alternatives: number | undefined,
  ) {}

  /** A choice; undefined for a piece that says nothing in plain text. */
  take(choice: Fields): Fields | undefined {
    const index = numberOf(choice['index']) ?? 0;
    const { finish_reason: reason } = choice;
    const text = this.echoOf(index) + textOf(choice['message'] ?? choice['delta']);
    const logprobs = this.logprobsOf(index, choice['logprobs']);
    const finish = typeof reason === 'string' && reason !== '' ? finishOf(reason) : null;
    if (text === '' && logprobs === null && finish === null) return undefined;
    return { text, index, logprobs, finish_reason: finish };
  }

  private echoOf(index: number): string {
    if (this.echoed.has(index)) return '';
    this.echoed.add(index);
    return this.echo;
  }

  private logprobsOf(index: number, given: unknown): Fields | null {
    if (this.alternatives === undefined) return null;
    const read = legacyLogprobs(given, this.alternatives, this.told.get(index) ?? 0);
    if (read === undefined) return null;
    this.told.set(index, read.end);
    return read.logprobs;
  }
}

/** What a message or a piece of one says. A refusal is what the model said, too. */
function textOf(said: unknown): string {
  if (!isFields(said)) return '';
  const { content, refusal } = said;
  if (typeof content === 'string' && content !== '') return content;
  if (Array.isArray(content))
    return (content as unknown[])
      .filter(isFields)
      .map(({ text }) => (typeof text === 'string' ? text : ''))
      .join('');
  return typeof refusal === 'string' ? refusal : '';
}

/** Calls of tools cannot be told: the text ends there. */
function finishOf(reason: string): string {
  return reason === 'length' || reason === 'content_filter' ? reason : 'stop';
}
