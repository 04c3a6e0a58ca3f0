/** The member `notices` of a reply; a reply without notices has none. */
export function presentNotices(notices: readonly string[]): { notices?: string[] } {
  return notices.length === 0 ? {} : { notices: [...notices] };
}
