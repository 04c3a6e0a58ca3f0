import type { AppError } from '../../../../../kernel/app-error.js';
import { isFields, type Fields } from '../../../../../kernel/fields.js';
import { randomBase62 } from '../../../../../kernel/ids.js';
import { saysError } from '../../../../provider-answers/answer-fault.js';
import type { AnswerStream, AnswerStreamEnd, StreamedAnswer, WholeReply } from '../../../call/answer.js';
import { wrongAnswer } from '../../../call/wrong-answer.js';
import { plainOf, printExact } from '../../../wire/exact-json.js';
import { readSseBlock } from '../../../wire/sse-block.js';
import { SseFramer, type SseBlockSink } from '../../../wire/sse-framer.js';
import { readUsage, type UsageTokens } from '../../../wire/usage-tokens.js';
import { eventsOfResponse } from '../../../wire/response-events.js';
import { readProvider } from '../../../call/provider-json.js';
import { choiceOfResponse, ResponseToChat } from './response-to-chat.js';

/** What a chat answer says of itself. */
interface ChatHead {
  readonly id: string;
  readonly created: number;
  readonly model: string;
}

/** The answer of a provider that speaks only Responses, as a chat. */
export class OverResponsesAnswer implements StreamedAnswer {
  readonly done: string;
  private readonly head: ChatHead;
  private given: Buffer | undefined;

  /** @param chat the answer of a provider that speaks chat: what is said to the client has its form. */
  constructor(
    publishedName: string,
    private readonly usageAsked: boolean,
    private readonly chat: StreamedAnswer,
  ) {
    this.done = chat.done;
    this.head = { id: `chatcmpl-${randomBase62(24)}`, created: Math.floor(Date.now() / 1000), model: publishedName };
  }

  reply(bytes: Buffer): WholeReply {
    const response = readProvider(bytes);
    refuseFailed(response);
    this.given = bytes;
    const tokens = readUsage(plainOf(response['usage']));
    const reply = {
      ...this.head,
      object: 'chat.completion',
      choices: [choiceOfResponse(response)],
      ...(tokens === null ? {} : { usage: chatUsage(tokens) }),
    };
    return { bytes: Buffer.from(printExact(reply)), tokens };
  }

  flow(): undefined {
    return undefined;
  }

  stream(maxEventBytes: number, onEvent?: (event: Buffer) => void): AnswerStream {
    return new OverResponsesStream(this.head, this.usageAsked, maxEventBytes, onEvent);
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

class OverResponsesStream implements AnswerStream, SseBlockSink {
  private readonly framer = new SseFramer();
  private readonly machine = new ResponseToChat();
  private out: Buffer[] = [];
  private tokens: UsageTokens | null = null;
  private seen = false;
  private ended = false;
  private reason: AnswerStreamEnd['reason'];

  constructor(
    private readonly head: ChatHead,
    private readonly usageAsked: boolean,
    private readonly maxEventBytes: number,
    private readonly onEvent: ((event: Buffer) => void) | undefined,
  ) {}

  get usage(): UsageTokens | null {
    return this.tokens;
  }

  get finished(): boolean {
    return this.ended;
  }

  get failed(): boolean {
    return this.reason !== undefined;
  }

  get stopped(): boolean {
    return this.ended || this.failed;
  }

  get firstEventSeen(): boolean {
    return this.seen;
  }

  push(chunk: Buffer): Buffer | null {
    if (this.stopped) return null;
    this.framer.push(chunk, this);
    if (this.framer.pendingBytes > this.maxEventBytes) this.reason = 'event_too_large';
    return this.taken();
  }

  end(): AnswerStreamEnd {
    if (this.reason !== undefined) return { complete: false, tail: this.taken(), reason: this.reason };
    return this.ended ? { complete: true, tail: this.taken() } : { complete: false, tail: this.taken(), reason: 'truncated' };
  }

  block(bytes: Buffer, start: number, end: number): boolean {
    const { data } = readSseBlock(bytes.toString('latin1', start, end));
    if (data === null || data.trim() === '[DONE]') return true;
    this.seen = true;
    const event = this.read(Buffer.from(data, 'latin1'));
    if (event !== undefined) this.take(event);
    return !this.stopped;
  }

  private read(json: Buffer): Fields | undefined {
    try {
      return readProvider(json);
    } catch {
      this.reason = 'malformed_event';
      return undefined;
    }
  }

  private take(event: Fields): void {
    const { type, response } = event;
    if (type === 'response.completed' || type === 'response.incomplete') {
      if (isFields(response)) this.finish(response);
      return;
    }
    if (typeof type !== 'string' || type === 'error' || type === 'response.failed' || type === 'response.cancelled') {
      this.reason = 'provider_error';
      return;
    }
    for (const choice of this.machine.take(event)) this.send([choice], undefined);
  }

  private finish(response: Fields): void {
    this.ended = true;
    this.tokens = readUsage(plainOf(response['usage']));
    this.send([this.machine.end(response)], undefined);
    if (this.usageAsked && this.tokens !== null) this.send([], chatUsage(this.tokens));
  }

  private send(choices: readonly Fields[], usage: Fields | undefined): void {
    const told = this.usageAsked ? { usage: usage ?? null } : {};
    const chunk = { ...this.head, object: 'chat.completion.chunk', choices, ...told };
    const event = Buffer.from(`data: ${printExact(chunk)}\n\n`);
    if (this.onEvent === undefined) this.out.push(event);
    else this.onEvent(event);
  }

  private taken(): Buffer | null {
    const { out } = this;
    if (out.length === 0) return null;
    this.out = [];
    return Buffer.concat(out);
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
    prompt_tokens_details: { cached_tokens: tokens.cachedInputTokens },
    completion_tokens_details: { reasoning_tokens: tokens.reasoningTokens },
  };
}
