import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { interruptedRecord, usageKind, type ReadBegin } from './call-record.js';
import { isFurther, readLine, type JournalLine } from './journal-line.js';
import type { JournalRecord, RecordKinds } from './record-kinds.js';

const linesAtOnce = 1000;
const segmentName = /^(\d+)\.log$/;

/** Some lines of a file. */
export interface LineGroup {
  readonly lines: readonly JournalLine[];
  /** Whole lines that this build cannot read: damaged on the disk, or written by a newer one. */
  readonly unread: readonly string[];
}

/** Some records of a folder, and the lines between them that this build cannot read. */
export interface RecordGroup {
  readonly records: readonly JournalRecord[];
  readonly unread: readonly string[];
}

/**
 * The lines of one file in groups, so that reading never holds up the process for long. What follows the last line break
 * was torn by the death of its writer, who was never told that it is safe: it is left out. A file that is gone has no lines.
 */
export async function* readSegment(path: string, kinds: RecordKinds): AsyncGenerator<LineGroup, void> {
  const lines = (await readIfThere(path)).split('\n').slice(0, -1);
  for (let from = 0; from < lines.length;) {
    const group = { lines: [] as JournalLine[], unread: [] as string[] };
    const end = Math.min(from + linesAtOnce, lines.length);
    while (from < end) {
      const line = lines[from] ?? '';
      const next = lines[from + 1];
      const further = next !== undefined && isFurther(next) ? next : undefined;
      const read = readLine(line, further, kinds);
      if (read !== undefined) group.lines.push(read);
      else if (further === undefined) group.unread.push(line);
      else group.unread.push(line, further);
      from += further === undefined ? 1 : 2;
    }
    yield group;
    await setImmediate();
  }
}

/**
 * Every record of a dead process's folder: calls that ended as they ended, then those that were open as `interrupted`. An
 * end may stand in a later file than its begin, never in an earlier one.
 */
export async function* readFolder(folder: string, kinds: RecordKinds): AsyncGenerator<RecordGroup, void> {
  yield* readRecords(await segmentsOf(folder), kinds);
}

/** The same for files, in this order. */
export async function* readRecords(paths: readonly string[], kinds: RecordKinds): AsyncGenerator<RecordGroup, void> {
  const open = new Map<string, ReadBegin>();
  for (const path of paths) {
    for await (const { lines, unread } of readSegment(path, kinds)) {
      const records: JournalRecord[] = [];
      for (const line of lines) {
        if (line.what === 'begin') open.set(line.id, line);
        else {
          open.delete(line.id);
          records.push(line.record);
        }
      }
      if (records.length > 0 || unread.length > 0) yield { records, unread };
    }
  }
  const interrupted = [...open.values()];
  for (let from = 0; from < interrupted.length; from += linesAtOnce) {
    const texts = interrupted.slice(from, from + linesAtOnce).map(({ text, claims }) => interruptedRecord(text, claims));
    yield { records: texts.map((text) => ({ kind: usageKind, text })), unread: [] };
  }
}

/** The files of a folder that are not the journal's own, as far as this build knows. */
export async function strangersOf(folder: string, known: readonly string[]): Promise<string[]> {
  return (await readdir(folder)).filter((name) => !segmentName.test(name) && !known.includes(name));
}

async function segmentsOf(folder: string): Promise<string[]> {
  const numbers: number[] = [];
  for (const name of await readdir(folder)) {
    const number = segmentName.exec(name)?.[1];
    if (number !== undefined) numbers.push(Number(number));
  }
  return numbers.sort((one, other) => one - other).map((number) => join(folder, `${number}.log`));
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
