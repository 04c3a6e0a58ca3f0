import type { Fields } from '../../../../kernel/fields.js';
import { AppError } from '../../../../kernel/app-error.js';
import type { TenantEndpoints } from '../../../agents/published-endpoint.js';
import { withoutSaid } from '../../../conversations/said-in-chat.js';
import type { PrintedItem } from '../../../responses/response-record.js';
import type { CallPlan } from '../../call/call-plan.js';
import type { ContentSeals } from '../../call/content-seals.js';
import type { Additions, ReferencedItems } from '../../call/dialogue.js';
import type { InferenceKind } from '../../call/inference-kind.js';
import type { InferenceRequest } from '../../call/inference-request.js';
import { printExact } from '../../wire/exact-json.js';
import { eventBytes } from '../../wire/typed-event.js';
import { onlyTokens } from '../../wire/usage-tokens.js';
import { withOrigin } from '../chat/opened-items.js';
import { newItemId } from './response-ids.js';
import { endResponse, ownResponse } from './response-object.js';
import { usageOf } from './responses-answer.js';
import { ResponsesDraft } from './responses-draft.js';
import type { SocketMemory } from './socket-memory.js';
import type { CreateFrame } from './socket-request.js';
import { moderationCall } from '../moderations/moderation-call.js';

/**
 * One call of a socket, of which the socket remembers what is kept nowhere else. It is a call of `POST /responses` in all
 * that its frame does not say differently.
 */
export class SocketCall implements InferenceKind {
  readonly routeId = 'responses.websocket';
  readonly modality = 'chat';
  readonly isDialogue = true;
  readonly moderation = moderationCall;
  private asked: SocketDraft | undefined;

  constructor(
    private readonly memory: SocketMemory,
    private readonly frame: Pick<CreateFrame, 'generates' | 'previousResponseId'>,
  ) {}

  draft(request: InferenceRequest, endpoints: TenantEndpoints, seals: ContentSeals): ResponsesDraft {
    this.asked = new SocketDraft(this, request, endpoints, seals, this.memory, this.frame.generates);
    return this.asked;
  }

  /** To be called before a frame goes out: a response whose end it tells can be gone on from by then. */
  remember(): void {
    const whole = this.asked?.whole;
    if (whole !== undefined && this.memory.chain(whole.id) === undefined) this.memory.keep(whole.id, whole.items);
  }

  /** The call has failed: whoever goes on must send everything again (as with OpenAI). */
  forgetPrevious(): void {
    const { previousResponseId } = this.frame;
    if (previousResponseId !== undefined) this.memory.forget(previousResponseId);
  }
}

class SocketDraft extends ResponsesDraft {
  private before: readonly PrintedItem[] = [];
  private referenced: ReferencedItems = new Map();

  constructor(
    kind: InferenceKind,
    request: InferenceRequest,
    endpoints: TenantEndpoints,
    seals: ContentSeals,
    private readonly memory: SocketMemory,
    private readonly generates: boolean,
  ) {
    super(kind, request, endpoints, seals);
  }

  get earlier(): readonly PrintedItem[] | undefined {
    return this.previousResponseId === undefined ? undefined : this.memory.chain(this.previousResponseId);
  }

  override get keepsAnswer(): boolean {
    return this.generates && super.keepsAnswer;
  }

  override get isCounted(): boolean {
    return !this.generates;
  }

  /** All items up to the end of the response, once it has ended; undefined for one that is kept in the database. */
  get whole(): { readonly id: string; readonly items: readonly PrintedItem[] } | undefined {
    const { said } = this;
    if (said?.end === undefined || this.keepsAnswer) return undefined;
    return { id: said.ids.response, items: [...this.before, ...this.printed(), ...said.items] };
  }

  override plan(additions: Additions = {}): CallPlan {
    const plan = super.plan(additions);
    this.before = additions.earlier ?? [];
    this.referenced = additions.referenced ?? new Map();
    if (this.generates) return plan;
    return {
      ...plan,
      streamed: undefined,
      counted: ({ inputTokens }) => this.prepared(inputTokens + (additions.context?.mostTokens ?? 0)),
    };
  }

  /** The events of a response that only prepares the next one: nothing was asked of the model, nothing comes out. */
  private prepared(inputTokens: number): Buffer {
    const { said } = this;
    if (said === undefined) throw new Error('The response was not planned.');
    const now = Math.floor(Date.now() / 1000);
    const begun = ownResponse({ created_at: now, status: 'in_progress' }, said).object;
    const usage = usageOf(onlyTokens(inputTokens, 0));
    const whole = ownResponse({ created_at: now, completed_at: now, status: 'completed', usage }, said);
    const end = endResponse(whole, said);
    return Buffer.concat([
      eventBytes('response.created', event('response.created', 0, printExact(begun))),
      eventBytes('response.completed', event('response.completed', 1, end)),
    ]);
  }

  /** The request's own items, each with an id. What the platform cannot read stays as it was sent. */
  private printed(): PrintedItem[] {
    let items: readonly Fields[];
    try {
      items = this.newItems(this.referenced);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      items = this.given.map((item) => withOrigin(withoutSaid(item), this.seals.origin));
    }
    return items.map((item) => {
      const id = typeof item['id'] === 'string' ? item['id'] : newItemId(String(item['type'] ?? 'message'));
      return { id, json: printExact({ ...item, id }) };
    });
  }
}

function event(type: string, sequence: number, response: string): string {
  return `{"type":${JSON.stringify(type)},"sequence_number":${sequence},"response":${response}}`;
}
