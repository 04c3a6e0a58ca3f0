import type { Fields } from '../../../kernel/fields.js';
import type { Transaction } from '../../../platform/database/tenant-database.js';
import type { StoredItem } from '../../conversations/conversation-record.js';
import type { ConversationTurn, Keeping } from '../../conversations/conversation-turn.js';
import { withNewId } from '../../conversations/item-form.js';
import type { Recording } from '../../idempotency/recording.js';
import type { NewResponse, PrintedItem, ResponseOwner } from '../../responses/response-record.js';
import type { ResponsesService } from '../../responses/responses.service.js';
import { AnswerPart } from '../call/answer-part.js';
import { newContributions, unheldContributions, type HeldContributions } from '../call/contributions.js';
import type { Dialogue, DialogueAnswer, KeptAnswer, ReferencedItems } from '../call/dialogue.js';
import { keptInput, withOwnId } from '../call/kept-input.js';
import type { KeepingStage } from '../call/stage.js';
import type { TurnEnding } from './turn-stage.js';

/** Kept items that belong to a call: those before it, those that it refers to, and what its conversation holds of it. */
export interface SaidBefore {
  readonly earlier: readonly PrintedItem[];
  readonly referenced: ReferencedItems;
  readonly held: HeldContributions;
}

/** Who keeps an answer, and with what patience. */
export interface Keeper extends ResponseOwner {
  readonly keeping: Keeping;
}

/** What is kept when an answer has ended. */
export interface TurnToKeep {
  readonly keeper: Keeper;
  readonly dialogue: Dialogue;
  /** The turn that it ends, where it is one. */
  readonly turn: ConversationTurn | undefined;
  readonly said: SaidBefore;
  /** What stores the answer besides. */
  readonly stored: KeepingStage | undefined;
  /** The member `gt` of the answer. */
  readonly mark: Fields | undefined;
}

/** Keeps an answer: a turn, and an answer that is kept by itself, or stored, are written in one transaction. */
export class KeptTurn implements TurnEnding {
  constructor(
    private readonly responses: ResponsesService,
    private readonly kept: TurnToKeep,
  ) {}

  async keep(answer: DialogueAnswer, recording: Recording | undefined): Promise<void> {
    const { turn, stored, keeper } = this.kept;
    const { keeping, ...owner } = keeper;
    const response = this.response(answer.kept());
    const items = answer.items();
    if (turn !== undefined && items !== undefined) {
      const besides = stored === undefined ? recording : stored.join(recording);
      const keep = async (tx: Transaction): Promise<void> => {
        if (response !== undefined) await this.responses.keepIn(tx, owner, response);
        await besides?.(tx);
      };
      await turn.commit([...this.added(), ...items.map(withOwnId)], keep, keeping);
      return;
    }
    await turn?.abandon();
    if (response !== undefined) await keeping(() => this.responses.keep(owner, response, recording));
  }

  abandon(): void {
    void this.kept.turn?.abandon();
  }

  /** What the request adds to its conversation. What stands elsewhere too gets an id of its own. */
  private added(): StoredItem[] {
    const { dialogue, said } = this.kept;
    const { referenced, held } = said;
    const contributions = dialogue.contributions(referenced);
    const places =
      dialogue.conversation === undefined ? newContributions(contributions, held) : unheldContributions(contributions, held);
    return dialogue
      .newItems(referenced, (place) => places.has(place))
      .map((item) => (referenced.has(String(item['id'])) ? withNewId(item) : withOwnId(item)));
  }

  /** An answer that is kept by itself is found again as it was given, with what tells where it belongs. */
  private response(kept: KeptAnswer | undefined): NewResponse | undefined {
    if (kept === undefined) return undefined;
    const { dialogue, turn, said, mark } = this.kept;
    const object =
      mark === undefined ? kept.object : dialogue.marked(new AnswerPart(Buffer.from(kept.object)), mark).bytes.toString('utf8');
    return {
      ...kept,
      object,
      previousResponseId: dialogue.previousResponseId,
      conversationId: turn?.conversationId,
      earlier: said.earlier,
      input: keptInput(dialogue.newItems(said.referenced)),
    };
  }
}
