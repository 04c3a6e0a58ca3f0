import type { AppError } from '../../../../../kernel/app-error.js';
import { isFields, type Fields } from '../../../../../kernel/fields.js';
import { randomBase62 } from '../../../../../kernel/ids.js';
import { saysError } from '../../../../provider-answers/answer-fault.js';
import type { AnswerStream, StreamedAnswer, WholeReply } from '../../../call/answer.js';
import { wrongAnswer } from '../../../call/wrong-answer.js';
import type { EventLimits } from '../../../wire/event-limits.js';
import { plainOf, printExact } from '../../../wire/exact-json.js';
import type { JsonBody } from '../../../wire/json-body.js';
import { readUsage, type UsageTokens } from '../../../wire/usage-tokens.js';
import { readProvider } from '../../../call/provider-json.js';
import { eventsOfResponse, failures } from '../../../wire/response-events.js';
import { EventReader } from '../../typed-events/event-reader.js';
import { legacyChoice } from '../../../wire/legacy-choice.js';
import { choiceOfResponse, ResponseToChat } from './response-to-chat.js';

/** What a chat answer says of itself. */
interface ChatHead {
  readonly id: string;
  readonly created: number;
  readonly model: string;
}

/** What of the request decides how its answer is told. */
interface ToldTools {
  /** Names of functions without parameters. */
  readonly takingNothing: ReadonlySet<unknown>;
  /** The client asked with the deprecated `functions`. */
  readonly isLegacy: boolean;
}

const noTools: ToldTools = { takingNothing: new Set(), isLegacy: false };

/** The answer of a provider that speaks only Responses, as a chat. */
export class OverResponsesAnswer implements StreamedAnswer {
  readonly done: string;
  private readonly head: ChatHead;
  private given: Buffer | undefined;

  /**
   * @param chat the answer of a provider that speaks chat: what is said to the client has its form.
   */
  constructor(
    publishedName: string,
    private readonly usageAsked: boolean,
    private readonly chat: StreamedAnswer,
    private readonly tools: ToldTools = noTools,
  ) {
    this.done = chat.done;
    this.head = { id: `chatcmpl-${randomBase62(24)}`, created: Math.floor(Date.now() / 1000), model: publishedName };
  }

  reply(bytes: Buffer): WholeReply {
    const response = readProvider(bytes);
    refuseFailed(response);
    this.given = bytes;
    const tokens = readUsage(plainOf(response['usage']));
    const choice = choiceOfResponse(response, this.tools.takingNothing);
    const reply = {
      ...this.head,
      object: 'chat.completion',
      choices: [this.tools.isLegacy ? legacyChoice(choice) : choice],
      ...(tokens === null ? {} : { usage: chatUsage(tokens) }),
    };
    return { bytes: Buffer.from(printExact(reply)), tokens };
  }

  flow(): undefined {
    return undefined;
  }

  stream(limits: EventLimits, onEvent?: (event: Buffer) => void): AnswerStream {
    return new OverResponsesStream(this.head, this.usageAsked, this.tools, limits, onEvent);
  }

  eventsOf(): Buffer {
    return this.given === undefined ? Buffer.alloc(0) : eventsOfResponse(readProvider(this.given));
  }

  emptyEvent(requestId: string): string {
    return this.chat.emptyEvent(requestId);
  }

  usageEvent(requestId: string, tokens: UsageTokens): Buffer | undefined {
    return this.chat.usageEvent(requestId, tokens);
  }

  errorEvent(error: AppError): string {
    return this.chat.errorEvent(error);
  }
}

/** A stream of Responses that leaves as the chunks of a chat. */
class OverResponsesStream extends EventReader {
  private readonly machine: ResponseToChat;
  private ended = false;

  constructor(
    private readonly head: ChatHead,
    private readonly usageAsked: boolean,
    private readonly tools: ToldTools,
    limits: EventLimits,
    onEvent: ((event: Buffer) => void) | undefined,
  ) {
    super(limits, onEvent);
    this.machine = new ResponseToChat(tools.takingNothing);
  }

  get finished(): boolean {
    return this.ended;
  }

  protected override conclude(): boolean {
    return this.ended;
  }

  protected override pass(body: JsonBody, type: string): void {
    if (failures.has(type)) {
      this.fail('provider_error');
      return;
    }
    const event = this.read(body.bytes);
    if (event === undefined) return;
    const { response } = event;
    if (type !== 'response.completed' && type !== 'response.incomplete')
      for (const choice of this.machine.take({ ...event, type })) this.sendChunk([this.told(choice)], undefined);
    else if (isFields(response)) this.finish(response);
  }

  private finish(response: Fields): void {
    this.ended = true;
    this.tokens = readUsage(plainOf(response['usage']));
    this.sendChunk([this.told(this.machine.end(response))], undefined);
    if (this.usageAsked && this.tokens !== null) this.sendChunk([], chatUsage(this.tokens));
  }

  private told(choice: Fields): Fields {
    return this.tools.isLegacy ? legacyChoice(choice) : choice;
  }

  private sendChunk(choices: readonly Fields[], usage: Fields | undefined): void {
    const told = this.usageAsked ? { usage: usage ?? null } : {};
    const chunk = { ...this.head, object: 'chat.completion.chunk', choices, ...told };
    this.send(Buffer.from(`data: ${printExact(chunk)}\n\n`));
  }
}

function refuseFailed(response: Fields): void {
  const { status, output } = response;
  if (saysError(response) || status === 'failed' || status === 'cancelled' || !Array.isArray(output))
    throw wrongAnswer('the provider answered with something that is no whole response');
}

function chatUsage(tokens: UsageTokens): Fields {
  return {
    prompt_tokens: tokens.inputTokens,
    completion_tokens: tokens.outputTokens,
    total_tokens: tokens.totalTokens,
    prompt_tokens_details: { cached_tokens: tokens.cachedInputTokens, cache_write_tokens: tokens.cacheWriteTokens },
    completion_tokens_details: { reasoning_tokens: tokens.reasoningTokens },
  };
}
