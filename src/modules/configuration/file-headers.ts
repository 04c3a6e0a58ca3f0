import { AppError } from '../../kernel/app-error.js';
import type { ConnectionEntry } from './file-forms.js';
import type { StoredConnection } from './forms.js';

type FileHeaders = ConnectionEntry['headers'];

/** The headers of a connection that a file makes. @throws AppError missing_required_parameter for names without values. */
export function newHeadersOf(headers: FileHeaders): Record<string, string> | undefined {
  if (!Array.isArray(headers)) return headers;
  refuseUnknown(headers, []);
  return undefined;
}

/** What a file wants of a stored connection's headers. */
export interface HeaderChanges {
  /** Whether that is something else than what is stored. */
  readonly differ: boolean;
  /** What to say of them where the connection changes: values that are given go along, a new address asks for them. */
  readonly changes: Readonly<Record<string, string | null>>;
}

/** @throws AppError missing_required_parameter for names without values of which none is stored. */
export function headerChanges(headers: FileHeaders = {}, { form, hasHeaders }: StoredConnection): HeaderChanges {
  const isList = Array.isArray(headers);
  if (isList) refuseUnknown(headers, form.headers);
  const given = new Map(isList ? [] : Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const wanted = isList ? new Set(headers.map((name) => name.toLowerCase())) : given;
  const dropped = form.headers.filter((name) => !wanted.has(name)).map((name) => [name, null] as const);
  return { differ: dropped.length > 0 || !(isList || hasHeaders(given)), changes: Object.fromEntries([...given, ...dropped]) };
}

function refuseUnknown(names: readonly string[], stored: readonly string[]): void {
  const unknown = names.find((name) => !stored.includes(name.toLowerCase()));
  if (unknown === undefined) return;
  throw new AppError('missing_required_parameter', {
    param: 'headers',
    message: `No value of the header ${unknown} is stored here. Give it: headers takes an object of names and values.`,
  });
}
