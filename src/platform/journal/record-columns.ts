import { parsedOrUndefined } from '../../kernel/parse-json.js';

/** What a column of a record may hold. `milliseconds` are counted from 1970; an `amount` is in micro-units of a currency. */
export type ColumnType =
  'text' | 'text or null' | 'boolean' | 'boolean or null' | 'integer' | 'integer or null' | 'amount or null' | 'milliseconds';

/** A column of a record, by the name that it has in the database. `values` are the only ones that it may have. */
export interface RecordColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly values?: readonly string[];
  /** What its text looks like. */
  readonly form?: RegExp;
}

/** The largest number that an integer column holds. */
export const maxInteger = 2_147_483_647;
/** The largest amount that a column holds: every number up to it is exact. */
export const maxAmount = Number.MAX_SAFE_INTEGER;
/** The latest moment that a column of time holds, in milliseconds since 1970. */
export const maxTimeMs = 8.64e15;

/** The text with everything replaced that Postgres cannot store: NUL and halves of surrogate pairs. */
export function storable(text: string): string {
  return text.replace(/[\0\p{Surrogate}]/gu, '\ufffd');
}

/** A count as an integer column holds it, whatever was told: between 0 and `maxInteger`, without a fraction. */
export function whole(value: number): number {
  if ((value | 0) === value && value >= 0) return value;
  return Math.trunc(Math.min(Math.max(value, 0), maxInteger)) || 0;
}

/** Texts that stand in JSON as they are. */
const plain = /^[\w.:/-]*$/;

/** A text as JSON, which never holds a raw line break, so that a line's end is beyond doubt. Only what is odd is escaped with \u. */
export function quoted(text: string): string {
  if (plain.test(text)) return `"${text}"`;
  const json = JSON.stringify(text);
  return json.includes('\\u') ? JSON.stringify(storable(text)) : json;
}

/** An amount as a column holds it, whatever was told. */
export function amount(value: number): number {
  return Math.trunc(Math.min(Math.max(value, 0), maxAmount)) || 0;
}

/**
 * Whether the values are those of the columns. The first `required` ones must be there; later ones may be missing at the
 * end, as in a record of an older build, and there may be more than are known, as in one of a newer build.
 */
export function fitColumns(values: readonly unknown[], columns: readonly RecordColumn[], required: number): boolean {
  if (values.length < required) return false;
  return columns.slice(0, values.length).every((column, place) => fits(values[place], column));
}

/** The array that a JSON text is; undefined when it is none. */
export function parseArray(text: string): unknown[] | undefined {
  const values = parsedOrUndefined(text);
  return Array.isArray(values) ? values : undefined;
}

function fits(value: unknown, { type, values, form }: RecordColumn): boolean {
  if (type.endsWith('or null') && value === null) return true;
  if (type === 'text' || type === 'text or null') {
    if (typeof value !== 'string' || storable(value) !== value) return false;
    return (values?.includes(value) ?? true) && (form?.test(value) ?? true);
  }
  if (type === 'boolean' || type === 'boolean or null') return typeof value === 'boolean';
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= mostOf(type);
}

function mostOf(type: ColumnType): number {
  if (type === 'milliseconds') return maxTimeMs;
  return type === 'amount or null' ? maxAmount : maxInteger;
}
