import type { AppError } from '../../../../kernel/app-error.js';
import type { AnswerStream, ReplyFlow, StreamedAnswer, WholeReply } from '../../call/answer.js';
import { wrongAnswer } from '../../call/wrong-answer.js';
import type { EventLimits } from '../../wire/event-limits.js';
import { parseCounted } from '../../wire/counted-json.js';
import { LongReply } from '../../wire/long-reply.js';
import { editReply } from '../../wire/reply-edit.js';
import { ChatStreamFilter } from '../../wire/sse-filter.js';
import { readUsage, type UsageTokens } from '../../wire/usage-tokens.js';
import { answerId, type ChoicesForm } from './choices-form.js';
import { isFields, type Fields } from '../../../../kernel/fields.js';

/** How an answer in choices is read and written: bytes as they come, the model's name replaced, usage as the client asked. */
export class ChoicesAnswer implements StreamedAnswer {
  readonly done = 'data: [DONE]\n\n';

  /** @param choices how many must finish before a stream is whole. */
  constructor(
    private readonly form: ChoicesForm,
    private readonly publishedName: string,
    private readonly usageAsked: boolean,
    private readonly choices: number,
  ) {}

  stream(limits: EventLimits, onEvent?: (event: Buffer) => void): AnswerStream {
    const { publishedName, usageAsked, choices } = this;
    return new ChatStreamFilter({ publishedName, usageAsked, choices, ...limits, onEvent });
  }

  reply(bytes: Buffer): WholeReply {
    const edited = editReply(bytes, this.publishedName, 'choices');
    if (!edited.ok) throw wrongAnswer(`the provider's reply is no answer: ${edited.message}`);
    return { bytes: edited.bytes, tokens: readUsage(edited.usage) };
  }

  flow(): ReplyFlow {
    return new LongReply(this.publishedName, 'choices');
  }

  eventsOf(reply: Buffer): Buffer {
    const { choices, usage, ...head } = parsedReply(reply);
    const events = (choices as readonly Fields[]).flatMap((choice) => this.form.eventChoices(choice));
    const lines = events.map((choice) => ({ ...head, object: this.form.eventObject, choices: [choice] }));
    const last = usage === undefined ? [] : [{ ...head, object: this.form.eventObject, choices: [], usage }];
    return Buffer.from([...lines, ...last].map((event) => `data: ${JSON.stringify(event)}\n\n`).join('') + this.done);
  }

  emptyEvent(requestId: string): string {
    return this.event(requestId, this.usageAsked ? { usage: null } : {});
  }

  usageEvent(requestId: string, tokens: UsageTokens): Buffer | undefined {
    if (!this.usageAsked) return undefined;
    const { inputTokens, outputTokens, totalTokens } = tokens;
    const usage = { prompt_tokens: inputTokens, completion_tokens: outputTokens, total_tokens: totalTokens };
    return Buffer.from(this.event(requestId, { usage }));
  }

  errorEvent(error: AppError): string {
    return `data: ${JSON.stringify(error.body())}\n\n`;
  }

  /** An event without choices. */
  private event(requestId: string, further: object): string {
    const chunk = {
      id: answerId(this.form, requestId),
      object: this.form.eventObject,
      created: Math.floor(Date.now() / 1000),
      model: this.publishedName,
      choices: [],
      ...further,
    };
    return `data: ${JSON.stringify(chunk)}\n\n`;
  }
}

/** @throws AppError upstream_error for what only looked like JSON, or has too many values to be parsed at once. */
function parsedReply(reply: Buffer): Fields {
  const said = parseCounted(reply);
  if (!isFields(said)) throw wrongAnswer('it is no JSON object, or has too many values to be read');
  return said;
}
