import { tokensForAnswer } from '../../call/answer-room.js';
import { longestAnswer } from '../../call/longest-answer.js';
import { estimateTokens, estimateTokensOfBytes } from '../../call/token-estimate.js';
import { findMember, type JsonBody } from '../../wire/json-body.js';
import type { Edit } from '../../wire/json-edit.js';

/** What a chat takes of its model's context before a history is put in. */
export interface AskedChat {
  readonly body: JsonBody;
  readonly edits: ReadonlyMap<string, Edit>;
  readonly messages: readonly unknown[];
  /** JSON of the messages that stand in front, with commas between. */
  readonly lead: Buffer | undefined;
  readonly quotations: Buffer | undefined;
}

/** How many tokens of its model's context a chat leaves for what was said before, beside what comes with it and the answer. */
export function tokensForHistory({ body, edits, messages, lead, quotations }: AskedChat, context: number): number {
  let asked = estimateTokens(messages) + estimateTokensOfBytes(quotations?.length ?? 0);
  if (lead !== undefined) asked += estimateTokens(JSON.parse(`[${lead.toString('utf8')}]`));
  for (const { key, keyStart, valueStart, valueEnd } of body.scan.members) {
    const edit = edits.get(key);
    if (key === 'messages' || edit?.op === 'remove') continue;
    asked += estimateTokensOfBytes(edit?.op === 'set' ? valueStart - keyStart + edit.value.length : valueEnd - keyStart);
  }
  for (const edit of edits.values()) {
    if (edit.op === 'set' && findMember(body.scan, edit.key) === undefined)
      asked += estimateTokensOfBytes(edit.key.length + 3 + edit.value.length);
  }
  return context - asked - tokensForAnswer(context, longestAnswer(body, edits));
}
