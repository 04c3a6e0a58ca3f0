import type { AppError } from '../../../../kernel/app-error.js';
import { isFields, type Fields } from '../../../../kernel/fields.js';
import { saysError } from '../../../provider-answers/answer-fault.js';
import type { AnswerStream, StreamedAnswer, WholeReply } from '../../call/answer.js';
import { wrongAnswer } from '../../call/wrong-answer.js';
import type { EventLimits } from '../../wire/event-limits.js';
import type { UsageTokens } from '../../wire/usage-tokens.js';
import { endResponse, ownResponse } from './response-object.js';
import { readProvider } from '../../call/provider-json.js';
import type { ResponseSaid } from './response-said.js';
import { failedEvents } from './failed-response.js';
import { eventsOfResponse } from '../../wire/response-events.js';
import { ResponsesStream } from './responses-stream.js';

/** The answer of a provider that speaks Responses itself. */
export class ResponsesAnswer implements StreamedAnswer {
  readonly done = '';
  private opened: ResponsesStream | undefined;
  private given: Fields | undefined;

  constructor(private readonly said: ResponseSaid) {}

  reply(bytes: Buffer): WholeReply {
    const given = readProvider(bytes);
    if (saysError(given) || given['status'] === 'failed' || given['status'] === 'cancelled')
      throw wrongAnswer('the response tells an error');
    if (!Array.isArray(given['output']) || given['object'] !== 'response') throw wrongAnswer('it is no response');
    this.given = given;
    const own = ownResponse(given, this.said);
    return { bytes: Buffer.from(endResponse(own, this.said)), tokens: own.tokens };
  }

  /** A response is rewritten as a whole. */
  flow(): undefined {
    return undefined;
  }

  stream(limits: EventLimits, onEvent?: (event: Buffer) => void): AnswerStream {
    this.opened = new ResponsesStream(this.said, limits, onEvent);
    return this.opened;
  }

  /** Those of the provider's reply: what the platform itself says is told with them. */
  eventsOf(): Buffer {
    return eventsOfResponse(this.given ?? {});
  }

  /** Clients of Responses know no event that says nothing: a comment is all that a silent stream is sent. */
  emptyEvent(): string {
    return ': ping\n';
  }

  usageEvent(_requestId: string, tokens: UsageTokens): Buffer | undefined {
    return this.opened?.lastEvent(usageOf(tokens));
  }

  errorEvent(error: AppError): string {
    return failedEvents(error, this.said, this.opened?.response, this.opened?.sequence ?? -1);
  }
}

/** Tokens in the form of Responses. */
export function usageOf(tokens: UsageTokens): Fields {
  return {
    input_tokens: tokens.inputTokens,
    input_tokens_details: { cached_tokens: tokens.cachedInputTokens, cache_write_tokens: tokens.cacheWriteTokens },
    output_tokens: tokens.outputTokens,
    output_tokens_details: { reasoning_tokens: tokens.reasoningTokens },
    total_tokens: tokens.totalTokens,
  };
}

/** True for the event behind which nothing is said any more. */
export function endsResponse(value: unknown): boolean {
  return isFields(value) && (value['type'] === 'response.completed' || value['type'] === 'response.incomplete');
}
