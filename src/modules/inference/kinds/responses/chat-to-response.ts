import { isFields, type Fields } from '../../../../kernel/fields.js';
import type { ResponseStatus } from '../../../responses/response-record.js';
import type { ChatMachine } from './chat-machine.js';
import { MadeCalls } from './made-calls.js';
import { MadeEvents } from './made-events.js';
import { MadeMessage } from './made-message.js';
import { MadeReasoning } from './made-reasoning.js';
import type { ResponseSaid } from './response-said.js';
import type { ThoughtContent } from '../chat/thoughts.js';
import type { NamedTool } from './tool-names.js';

/** Why a response is not complete, by what a chat provider gives as the reason of its end. */
const cuts: ReadonlyMap<string, string> = new Map([
  ['length', 'max_output_tokens'],
  ['content_filter', 'content_filter'],
]);

/**
 * Tells what a chat provider says as the typed events of a response, each as soon as its piece has come. Ids are made once,
 * when an item begins.
 */
export class ChatToResponse implements ChatMachine {
  readonly events: MadeEvents;
  private readonly reasoning: MadeReasoning;
  private readonly message: MadeMessage;
  private readonly calls: MadeCalls;
  /** Why it is not complete; undefined while nothing says so. */
  private cut: string | undefined;

  /**
   * @param frame the response before anything is said.
   * @param names what the provider's functions stand for.
   * @param seal makes what the model thought a text that the client brings back.
   */
  constructor(
    private readonly said: ResponseSaid,
    private readonly frame: Fields,
    names: ReadonlyMap<string, NamedTool>,
    seal: (thoughts: ThoughtContent) => string,
  ) {
    this.events = new MadeEvents(said, frame);
    this.reasoning = new MadeReasoning(this.events, seal);
    this.message = new MadeMessage(this.events, said.citations);
    this.calls = new MadeCalls(this.events, names, (callId, call) => {
      this.reasoning.takeCall(callId, call);
      this.reasoning.close();
      this.message.close(this.isCut);
    });
  }

  /** Takes a chunk of a chat stream, or a whole reply; only its first choice is an answer to a response. */
  take(chunk: Fields): Fields[] {
    this.events.begin();
    const choice = firstChoice(chunk);
    if (choice !== undefined) {
      const { message, delta, finish_reason: reason } = choice;
      const whole = isFields(message);
      const said = whole ? message : delta;
      if (isFields(said)) this.takeSaid(said, whole, choice['logprobs']);
      if (typeof reason === 'string' && reason !== '') this.cut = cuts.get(reason);
    }
    return this.events.taken();
  }

  /** Everything was said: makes whole what is still open. */
  finish(): Fields[] {
    for (const { call, callId } of this.calls.begun) this.reasoning.takeCall(callId, call);
    this.reasoning.close();
    this.message.close(this.isCut);
    this.calls.close(this.isCut);
    return this.events.taken();
  }

  /** How the response has ended. */
  get status(): ResponseStatus {
    return this.isCut ? 'incomplete' : 'completed';
  }

  /** The whole response. @param usage in the form of Responses. */
  response(usage: unknown): Fields {
    return {
      ...this.frame,
      status: this.status,
      completed_at: this.isCut ? null : Math.floor(Date.now() / 1000),
      incomplete_details: this.isCut ? { reason: this.cut } : null,
      output: this.said.items.map(({ json }) => this.said.shown(JSON.parse(json) as Fields)),
      usage,
    };
  }

  private get isCut(): boolean {
    return this.cut !== undefined;
  }

  private takeSaid(said: Fields, whole: boolean, logprobs: unknown): void {
    this.reasoning.take(said);
    const { refusal, content } = said;
    const thought = said['reasoning_content'] ?? said['reasoning'];
    if (typeof thought === 'string' && thought !== '') {
      this.message.close(this.isCut);
      this.reasoning.think(thought);
    }
    this.message.holdLogprobs(contentLogprobs(logprobs));
    this.say('output_text', textOf(content));
    if (typeof refusal === 'string') this.say('refusal', refusal);
    this.calls.take(said, whole);
  }

  private say(type: 'output_text' | 'refusal', text: string): void {
    if (text === '') return;
    if (!this.message.isOpen) this.reasoning.close();
    this.message.say(type, text);
  }
}

function firstChoice({ choices }: Fields): Fields | undefined {
  if (!Array.isArray(choices)) return undefined;
  return (choices as unknown[]).filter(isFields).find(({ index }) => Number(index ?? 0) === 0);
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return (content as unknown[])
    .map((part) => (isFields(part) && part['type'] === 'text' && typeof part['text'] === 'string' ? part['text'] : ''))
    .join('');
}

function contentLogprobs(logprobs: unknown): unknown[] {
  const content = isFields(logprobs) ? logprobs['content'] : undefined;
  return Array.isArray(content) ? (content as unknown[]) : [];
}
