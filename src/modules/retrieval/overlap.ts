/** The length of the longest end of `before` with which `after` begins. Linear in the lengths. */
export function overlapLength(before: string, after: string): number {
  const end = before.slice(-after.length);
  if (end === '') return 0;
  // The failure function of Knuth, Morris and Pratt: how much of the beginning of `after` is matched at each place.
  const failure = new Int32Array(after.length);
  const advance = (matched: number, unit: number): number => {
    while (matched > 0 && (matched === after.length || after.charCodeAt(matched) !== unit)) matched = failure[matched - 1] ?? 0;
    return after.charCodeAt(matched) === unit ? matched + 1 : matched;
  };
  for (let at = 1, matched = 0; at < after.length; at += 1) {
    matched = advance(matched, after.charCodeAt(at));
    failure[at] = matched;
  }
  let matched = 0;
  for (let at = 0; at < end.length; at += 1) matched = advance(matched, end.charCodeAt(at));
  return matched;
}
