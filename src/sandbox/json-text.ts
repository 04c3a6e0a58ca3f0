/** The value as JSON: compact as JavaScript prints it, or with `", "` and `": "` as Python prints it. */
export function jsonText(value: unknown, spaced: boolean): string {
  return spaced ? spacedJson(value) : JSON.stringify(value);
}

function spacedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spacedJson).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}: ${spacedJson(member)}`).join(', ')}}`;
}
