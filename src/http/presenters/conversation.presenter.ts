import type { ConversationObject } from '../../contracts/conversations.js';
import { presentTextPage, type RowPage } from '../../contracts/lists.js';
import { toUnixSeconds } from '../../contracts/times.js';
import type { ConversationRecord, StoredItem } from '../../modules/conversations/conversation-record.js';

/** A conversation as its key sees it. Names that stand for it, and its leases, are not shown. */
export function presentConversation(row: ConversationRecord): ConversationObject {
  return {
    id: row.id,
    object: 'conversation',
    created_at: toUnixSeconds(row.createdAt),
    metadata: row.metadata as ConversationObject['metadata'],
    title: row.title,
    model: row.model,
  };
}

/** Items in OpenAI's list. An empty page has empty texts for its ids: the description allows no null there. */
export function presentItems(page: RowPage<StoredItem>) {
  return presentTextPage(page, (item) => item);
}
