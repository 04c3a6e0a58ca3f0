import type { RowPage } from '../../contracts/lists.js';
import type { CompletionMessage, CompletionRecord } from '../../modules/stored-completions/completion-record.js';
import { messageId } from '../../modules/stored-completions/completions.service.js';

/**
 * A stored completion as JSON: the text as it was stored, with its metadata of now. It is not parsed, so its numbers stay as
 * they were written and a large one costs no more than its bytes.
 */
export function completionJson({ completion, metadata }: CompletionRecord): string {
  return `${completion.slice(0, -1)},"metadata":${JSON.stringify(metadata)}}`;
}

/** A page of stored completions as JSON. */
export function completionListJson(page: RowPage<CompletionRecord>): string {
  return listJson(
    page.rows.map((row) => ({ id: row.id, json: completionJson(row) })),
    page.hasMore,
  );
}

/** A page of a completion's messages as JSON. */
export function completionMessagesJson(completionId: string, page: RowPage<CompletionMessage>): string {
  return listJson(
    page.rows.map(({ place, message }) => {
      const id = messageId(completionId, place);
      return { id, json: `{"id":${JSON.stringify(id)},${message.slice(1)}` };
    }),
    page.hasMore,
  );
}

/** OpenAI's list. An empty page has empty texts for its ids: the description allows no null there. */
function listJson(items: readonly { readonly id: string; readonly json: string }[], hasMore: boolean): string {
  const [first, last] = [items[0]?.id ?? '', items.at(-1)?.id ?? ''].map((id) => JSON.stringify(id));
  const data = items.map(({ json }) => json).join(',');
  return `{"object":"list","data":[${data}],"first_id":${first},"last_id":${last},"has_more":${hasMore}}`;
}
