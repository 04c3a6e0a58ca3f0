/** A value of a change in short. */
export function changeText(value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'string') return value === '' ? '""' : value;
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value.length === 0 ? '–' : value.join(', ');
  return JSON.stringify(value, null, 1);
}
