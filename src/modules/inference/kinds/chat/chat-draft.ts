import { defaultContextTokens } from '../../../../contracts/agents.js';
import type { TenantEndpoints } from '../../../agents/published-endpoint.js';
import type { Additions, Dialogue } from '../../call/call-plan.js';
import type { InferenceRequest } from '../../call/inference-request.js';
import type { KindFacts } from '../../call/kind-facts.js';
import { instructionMessages } from '../../call/instructions.js';
import { invalid, missing } from '../../call/request-body.js';
import { countInstructions } from '../../conversation/chat-to-items.js';
import { estimateTokens, estimateTokensOfBytes } from '../../call/token-estimate.js';
import { findMember, readMember } from '../../wire/json-body.js';
import type { Edit } from '../../wire/json-edit.js';
import type { ScannedMember } from '../../wire/json-scan.js';
import { elementsSplit } from '../../wire/json-elements.js';
import { skipSpace } from '../../wire/json-tokens.js';
import { ChoicesDraft } from '../choices/choices-draft.js';
import { chatForm } from './chat-form.js';

const comma = Buffer.from(',');
const opening = Buffer.from('[');
const closing = Buffer.from(']');
/** What is left for the answer where the request does not say how long it may be; never more than half of the context. */
const answerTokens = 4_096;
const longest = ['max_tokens', 'max_completion_tokens'];

/** A chat request. */
export class ChatDraft extends ChoicesDraft implements Dialogue {
  private readonly member: ScannedMember;
  private readMessages: readonly unknown[] | undefined;

  constructor(kind: KindFacts, request: InferenceRequest, endpoints: TenantEndpoints) {
    super(kind, request, endpoints, chatForm);
    const { bytes, scan } = this.body;
    const member = findMember(scan, 'messages');
    if (member === undefined) throw missing('messages');
    if (member.kind !== 'array' || skipSpace(bytes, member.valueStart + 1, member.valueEnd) === member.valueEnd - 1)
      throw invalid('messages', 'expected a non-empty array of messages');
    this.member = member;
  }

  get dialogue(): Dialogue {
    return this;
  }

  get messages(): readonly unknown[] {
    return (this.readMessages ??= readMember(this.body.bytes, this.member) as unknown[]);
  }

  get user(): string | undefined {
    const { bytes, scan } = this.body;
    const member = findMember(scan, 'user');
    return member?.kind === 'string' ? (readMember(bytes, member) as string) : undefined;
  }

  tokensLeft(): number {
    const context = this.endpoint.agent?.context_tokens ?? defaultContextTokens;
    const lead = this.lead({});
    let asked = estimateTokens(this.messages);
    if (lead !== undefined) asked += estimateTokens(JSON.parse(`[${lead.toString('utf8')}]`));
    for (const { key, keyStart, valueStart, valueEnd } of this.body.scan.members) {
      const edit = this.edits.get(key);
      if (key === 'messages' || edit?.op === 'remove') continue;
      asked += estimateTokensOfBytes(edit?.op === 'set' ? valueStart - keyStart + edit.value.length : valueEnd - keyStart);
    }
    for (const edit of this.edits.values()) {
      if (edit.op === 'set' && findMember(this.body.scan, edit.key) === undefined)
        asked += estimateTokensOfBytes(edit.key.length + 3 + edit.value.length);
    }
    return context - asked - Math.min(this.answerTokens(context), context / 2);
  }

  protected override inputEdit(additions: Additions): Edit | undefined {
    const { history = [] } = additions;
    const lead = this.lead(additions);
    if (history.length === 0) return lead === undefined ? undefined : { op: 'prepend', key: 'messages', items: lead };
    // The request's own messages stay as they were written; only what is added is printed.
    const { valueStart, valueEnd } = this.member;
    const { head, tail } = elementsSplit(this.body.bytes, valueStart, valueEnd, countInstructions(this.messages));
    const stored = Buffer.from(JSON.stringify(history).slice(1, -1));
    const parts = [lead, head, stored, tail].filter((part) => part !== undefined && part.length > 0) as Buffer[];
    const separated = parts.flatMap((part, at) => (at === 0 ? [part] : [comma, part]));
    return { op: 'set', key: 'messages', value: Buffer.concat([opening, ...separated, closing]) };
  }

  protected override prompts(): number {
    return 1;
  }

  /** What stands in front: the instructions, and behind them what documents say. */
  private lead({ context }: Additions): Buffer | undefined {
    const instructions = instructionMessages(this.endpoint.agent, this.request.identity.key.promptPolicy);
    const message = context?.message;
    if (message === undefined || instructions === undefined) return message ?? instructions;
    return Buffer.concat([instructions, comma, message]);
  }

  /** How long the answer may be. */
  private answerTokens(context: number): number {
    let tokens = Math.min(answerTokens, context / 4);
    for (const name of longest) {
      const edit = this.edits.get(name);
      if (edit?.op === 'remove') continue;
      const member = findMember(this.body.scan, name);
      const value: unknown =
        edit?.op === 'set'
          ? JSON.parse(edit.value.toString('utf8'))
          : member?.kind === 'number'
            ? readMember(this.body.bytes, member)
            : undefined;
      if (typeof value === 'number') tokens = value;
    }
    return tokens;
  }
}
