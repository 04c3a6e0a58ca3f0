import { recordStart } from '../../platform/journal/journal-line.js';
import { fitColumns, parseArray } from '../../platform/journal/record-columns.js';
import type { FoldedRefusals } from './refusal-folds.js';
import { arrivedAt, requestColumns, requestRow, type RequestFacts } from './request-record.js';

/** The kind of record that calls of keys are in the journal: many rows are one record. */
export const requestsKind = 'requests';

/** Rows of one record: how many, when the first and the last of their calls came, and the rows with commas between. */
export interface RequestBlock {
  readonly count: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly rows: string;
}

const start = recordStart(requestsKind, 1);

/** The journal's line for calls, with its line break: `[count,first,last,row,row…]`. */
export function blockLine(calls: readonly RequestFacts[], folded: readonly FoldedRefusals[]): string {
  let firstMs = Infinity;
  let lastMs = 0;
  let rows = '';
  const add = (facts: RequestFacts, count: number): void => {
    const atMs = arrivedAt(facts);
    if (atMs < firstMs) firstMs = atMs;
    if (atMs > lastMs) lastMs = atMs;
    rows += `,${requestRow(facts, count)}`;
  };
  for (const facts of calls) add(facts, 1);
  for (const { facts, count } of folded) add(facts, count);
  return `${start}${calls.length + folded.length},${firstMs},${lastMs}${rows}]\n`;
}

/** Whether these are the values of a record of calls. */
export function isBlock([count, firstMs, lastMs, ...rows]: readonly unknown[]): boolean {
  if (![count, firstMs, lastMs].every((value) => Number.isInteger(value)) || count !== rows.length) return false;
  return rows.every((row) => Array.isArray(row) && fitColumns(row, requestColumns, requestColumns.length));
}

/** Reads the head of a record's text; its rows are not looked at. */
export function readBlock(text: string): RequestBlock {
  const afterCount = text.indexOf(',');
  const afterFirst = text.indexOf(',', afterCount + 1);
  const afterLast = text.indexOf(',', afterFirst + 1);
  return {
    count: Number(text.slice(1, afterCount)),
    firstMs: Number(text.slice(afterCount + 1, afterFirst)),
    lastMs: Number(text.slice(afterFirst + 1, afterLast)),
    rows: text.slice(afterLast + 1, -1),
  };
}

/** What of a record came between two moments; undefined when nothing did. */
export function within(block: RequestBlock, fromMs: number, beforeMs: number): RequestBlock | undefined {
  if (block.firstMs >= fromMs && block.lastMs < beforeMs) return block;
  const rows = (parseArray(`[${block.rows}]`) ?? []) as readonly (readonly number[])[];
  const kept = rows.filter(([atMs = 0]) => atMs >= fromMs && atMs < beforeMs);
  if (kept.length === 0) return undefined;
  const times = kept.map(([atMs = 0]) => atMs);
  const texts = kept.map((row) => JSON.stringify(row));
  return { count: kept.length, firstMs: Math.min(...times), lastMs: Math.max(...times), rows: texts.join(',') };
}
