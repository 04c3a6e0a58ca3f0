import { isFields, type Fields } from '../../../../kernel/fields.js';
import { atOnce } from '../../../../kernel/steps.js';
import type { CallPlan, FirstCall } from '../../call/call-plan.js';
import type { Additions } from '../../call/dialogue.js';
import { estimateTokens } from '../../call/token-estimate.js';
import { openedItems } from '../chat/opened-items.js';
import { ResponseSaid } from './response-said.js';
import { sentOverChat } from './sent-over-chat.js';
import { itemsOf, type AskedResponse } from './sent-request.js';

/** What a call is without its request and its answer. */
export type CallBasis = Omit<CallPlan, 'path' | 'body' | 'answer' | 'streamed'>;

/**
 * The call for a summary, where a chat provider would be given more tokens than the request wants it to be.
 * @param basis of the call for the answer, and so of this one.
 */
export function firstCompaction(
  response: AskedResponse,
  threshold: number,
  additions: Additions,
  basis: CallBasis,
): FirstCall | undefined {
  const { seals, target } = response;
  const { items } = openedItems(itemsOf(response, additions), seals, target.connection.id);
  if (estimateTokens(items) + estimateTokens(response.instructions() ?? '') < threshold) return undefined;
  const frame = { model: '', instructions: null, previousResponseId: null, conversationId: null };
  const said = new ResponseSaid({ ...frame, store: false, showsEncrypted: true });
  const sent = atOnce(sentOverChat(response, said, additions, { compacts: true, streamed: false }));
  const { path, body, answer, memberNames = [], inputMoved, namesFileAddresses = false } = sent;
  return {
    plan: { ...basis, path, body, answer, memberNames, inputMoved, namesFileAddresses, streamed: undefined },
    added: () => ({ compaction: said.items.map(({ json }) => JSON.parse(json) as Fields).find(isFields) }),
  };
}
