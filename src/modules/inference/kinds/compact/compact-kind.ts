import type { TenantEndpoints } from '../../../agents/published-endpoint.js';
import type { NewItem } from '../../../conversations/item-form.js';
import { withoutSaid } from '../../../conversations/said-in-chat.js';
import type { CallPlan } from '../../call/call-plan.js';
import type { ContentSeals } from '../../call/content-seals.js';
import type { Additions, DialogueAnswer } from '../../call/dialogue.js';
import type { InferenceKind } from '../../call/inference-kind.js';
import type { InferenceRequest } from '../../call/inference-request.js';
import { missing } from '../../call/request-body.js';
import type { Fields } from '../../../../kernel/fields.js';
import { ResponsesDraft } from '../responses/responses-draft.js';
import type { ResponseSaid } from '../responses/response-said.js';
import type { SentRequest } from '../responses/sent-request.js';
import { OwnCompaction } from './own-compaction.js';
import { ProviderCompaction } from './provider-compaction.js';
import { sentToCompact } from './sent-to-compact.js';
import { SummaryAnswer, summaryRequest } from './summary-request.js';
import { moderationCall } from '../moderations/moderation-call.js';

/** With these a provider says that it makes no compactions. */
const notServed: ReadonlySet<number> = new Set([404, 405, 501]);

/**
 * `POST /responses/compact`: a window of input that stands for a conversation. A provider that speaks Responses makes it
 * itself; of one that does not, or speaks chat, a summary is asked, and sealed here. Nothing is kept.
 */
export const compactKind: InferenceKind = {
  routeId: 'responses.compact',
  modality: 'chat',
  isDialogue: true,
  moderation: moderationCall,
  draft: (request, endpoints, seals) => new CompactDraft(request, endpoints, seals),
};

class CompactDraft extends ResponsesDraft {
  constructor(request: InferenceRequest, endpoints: TenantEndpoints, seals: ContentSeals) {
    super(compactKind, request, endpoints, seals, { needsInput: false, compacts: true });
    const { previousResponseId, conversation } = this.asked;
    if (this.given.length === 0 && previousResponseId === undefined && conversation === undefined) throw missing('input');
  }

  override get keepsAnswer(): boolean {
    return false;
  }

  /** A compaction is no turn: the conversation that it is made of stays as it is. */
  override openAnswer(): DialogueAnswer {
    return { characters: 0, add: () => undefined, items: () => undefined, kept: () => undefined };
  }

  override plan(additions: Additions = {}): CallPlan {
    const plan = super.plan(additions);
    const users = this.userMessages(additions);
    if (this.isOverChat && plan.answer.shape !== 'bytes')
      return { ...plan, answer: new OwnCompaction(plan.answer, users), streamed: undefined };
    const answer = new ProviderCompaction(new SummaryAnswer(this, users), this.names);
    const body = (): Buffer => {
      answer.isSummary = true;
      return summaryRequest(this, additions);
    };
    const otherwise = { statuses: notServed, path: this.target.paths.responses, body };
    return { ...plan, answer, streamed: undefined, otherwise };
  }

  protected override sent(said: ResponseSaid, additions: Additions): SentRequest {
    return this.isOverChat ? super.sent(said, additions) : sentToCompact(this, said, additions);
  }

  /** What the user has said, word by word. */
  private userMessages({ earlier = [], history = [], referenced }: Additions): Fields[] {
    const items: (Fields | NewItem)[] = [
      ...earlier.map((item) => this.kept.read(item)),
      ...history,
      ...this.newItems(referenced),
    ];
    return items.filter(({ type, role }) => type === 'message' && role === 'user').map((item) => withoutSaid(item));
  }
}
