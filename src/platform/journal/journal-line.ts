import { isCall, joined, readBegin, usageKind, type ReadBegin } from './call-record.js';
import { parseArray } from './record-columns.js';
import type { JournalRecord, RecordKinds } from './record-kinds.js';

/*
 * A line is a letter and a JSON array:
 *   B[…]                       a call that is about to be sent
 *   E[…]                       a call that ended
 *   R["kind",version,…]        a record of another kind
 *   +[version,…]               further columns of the line before
 * New columns come at the end. What one build writes in a form that the one before does not know, that one keeps apart.
 */

/** What a line says: a call that was about to be sent, or a record. */
export type JournalLine =
  (ReadBegin & { readonly what: 'begin' }) | { readonly what: 'record'; readonly id: string; readonly record: JournalRecord };

/** True for a line that only adds columns to the one before. */
export function isFurther(line: string): boolean {
  return line.startsWith('+[');
}

/** A record of a kind of its own, as its line without the line break. @param values what JSON can hold. */
export function recordLine(kind: string, version: number, values: readonly unknown[]): string {
  return `R${JSON.stringify([kind, version, ...values])}`;
}

/** How such a line begins, for who writes the values after it: JSON without line breaks, with commas between, and `]` at the end. */
export function recordStart(kind: string, version: number): string {
  return `R["${kind}",${version},`;
}

/**
 * Reads a line without its line break, with the columns that the next line adds to it; undefined when this build cannot.
 * @param kinds judge all records; without them nothing is looked at, as with what this process itself has just written.
 */
export function readLine(line: string, further: string | undefined, kinds?: RecordKinds): JournalLine | undefined {
  const text = further === undefined ? line.slice(1) : joined(line.slice(1), further.slice(1));
  if (line.startsWith('B')) return readBeginLine(line.slice(1));
  if (line.startsWith('E')) {
    if (kinds === undefined) return { what: 'record', id: '', record: { kind: usageKind, text } };
    const values = parseArray(text);
    if (values === undefined || !isCall(values)) return undefined;
    return { what: 'record', id: String(values[0]), record: { kind: usageKind, text } };
  }
  return line.startsWith('R') ? readRecordLine(text, kinds) : undefined;
}

function readBeginLine(text: string): JournalLine | undefined {
  const begin = readBegin(text);
  return begin && { what: 'begin', ...begin };
}

function readRecordLine(text: string, kinds: RecordKinds | undefined): JournalLine | undefined {
  if (kinds === undefined) return ownRecord(text);
  const [kind, version, ...values] = parseArray(text) ?? [];
  if (typeof kind !== 'string' || !Number.isInteger(version)) return undefined;
  if (!kinds.reads(kind, values)) return undefined;
  return { what: 'record', id: '', record: { kind, text: JSON.stringify(values) } };
}

/** A record that this process itself has just written: its values are not looked at. */
function ownRecord(text: string): JournalLine | undefined {
  const kindEnd = text.indexOf('"', 2);
  const versionEnd = text.indexOf(',', kindEnd + 2);
  if (kindEnd === -1 || versionEnd === -1) return undefined;
  return { what: 'record', id: '', record: { kind: text.slice(2, kindEnd), text: `[${text.slice(versionEnd + 1)}` } };
}
