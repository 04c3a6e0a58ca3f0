/**
 * What is said of encrypted content that nobody can open.
 * @param at which item of the client's own input holds it; undefined where that is not known for certain.
 */
export function unverifiedSeal(at?: number): string {
  const item = at === undefined ? '' : ` of input[${at}]`;
  return `The encrypted content${item} could not be verified. It was altered, or it is not for this model.`;
}
