/** A JSON object whose members are not known yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** True for a JSON object: no list, not null. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** False for what says nothing: null says as little as absence. */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** The members that say something. */
export function givenMembers(members: Fields): Fields {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => isGiven(value)));
}
