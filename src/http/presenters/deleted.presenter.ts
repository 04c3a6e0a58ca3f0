/** The answer to a deletion. */
export function presentDeleted(
  object: string,
  id: string,
): { readonly id: string; readonly object: string; readonly deleted: true } {
  return { id, object, deleted: true };
}
