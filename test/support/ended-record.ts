import { endLine, type CallEnd, type CallRecord } from '../../src/platform/journal/call-record.js';

/** The complete record of a call that ended, from its begin's text: what the journal's lines for it say in one array. */
export function endedRecord(begin: string, end: CallEnd, claims?: string): CallRecord {
  const [ended, further = '[]'] = endLine(begin, end, claims)
    .trimEnd()
    .split('\n')
    .map((line) => line.slice(1));
  const columns = JSON.parse(ended ?? '') as unknown[];
  return JSON.stringify([...columns, ...(JSON.parse(further) as unknown[]).slice(1)]);
}
