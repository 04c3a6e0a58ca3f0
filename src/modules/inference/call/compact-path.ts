/** The path of a provider's own compaction: below that of responses, before its query. */
export function compactPath(responses: string): string {
  const query = responses.indexOf('?');
  return query === -1 ? `${responses}/compact` : `${responses.slice(0, query)}/compact${responses.slice(query)}`;
}
