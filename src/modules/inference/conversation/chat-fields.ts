/** A JSON object of a request or reply whose members are not known yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** True for a JSON object. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The role of a message; undefined for what is no message. */
export function roleOf(message: unknown): string | undefined {
  return isFields(message) && typeof message['role'] === 'string' ? message['role'] : undefined;
}
