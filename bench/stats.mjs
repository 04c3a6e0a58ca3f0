/** The middle of the numbers, the mean of the middle two when their count is even; null when there is none. */
export function median(numbers) {
  const sorted = numbers.filter((number) => Number.isFinite(number)).sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The number that this part of the numbers is not above: 0.99 for the 99th percentile. Null when there is none. */
export function percentile(numbers, part) {
  const sorted = numbers.filter((number) => Number.isFinite(number)).sort((a, b) => a - b);
  return sorted.length === 0 ? null : sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}

/** Median over the rounds of left ÷ right, each round's two taken together, so that a slow minute cannot favour one side. */
export function pairedRatio(left, right) {
  return median(pairs(left, right).map(([a, b]) => a / b));
}

/** Smallest and largest of the rounds' ratios: how far to trust their median. Null when there is none. */
export function ratioRange(left, right) {
  const ratios = pairs(left, right).map(([a, b]) => a / b);
  return ratios.length === 0 ? null : [Math.min(...ratios), Math.max(...ratios)];
}

/** Median over the rounds of left − right. */
export function pairedDifference(left, right) {
  return median(pairs(left, right).map(([a, b]) => a - b));
}

function pairs(left, right) {
  return left.map((value, round) => [value, right[round]]).filter(([a, b]) => Number.isFinite(a) && Number.isFinite(b));
}
