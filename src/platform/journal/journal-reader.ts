import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { interruptedRecord, parseLine, type CallRecord, type JournalLine } from './call-record.js';

const linesAtOnce = 1000;
const segmentName = /^(\d+)\.log$/;

/** What a reader met besides calls. */
export interface ReadReport {
  /** Lines that could not be read: torn by the death of the process, or damaged on the disk. */
  damaged: number;
}

/**
 * The lines of one segment in groups, so that reading never holds up the process for long. What follows the last line
 * break is a torn line and is left out, as is every line that cannot be read. A file that is gone has no lines.
 */
export async function* readSegment(path: string, report: ReadReport = { damaged: 0 }): AsyncGenerator<JournalLine[], void> {
  const lines = (await readIfThere(path)).split('\n');
  if (lines.pop() !== '') report.damaged += 1;
  for (let from = 0; from < lines.length; from += linesAtOnce) {
    const group: JournalLine[] = [];
    for (const line of lines.slice(from, from + linesAtOnce)) {
      const parsed = parseLine(line);
      if (parsed === undefined) report.damaged += 1;
      else group.push(parsed);
    }
    yield group;
    await setImmediate();
  }
}

/**
 * Every call of a dead process's folder as one record: those that ended as they ended, then those that were open as
 * `interrupted`. An end may stand in a later segment than its begin, never in an earlier one.
 */
export async function* readFolder(folder: string, report: ReadReport = { damaged: 0 }): AsyncGenerator<CallRecord[], void> {
  const open = new Map<string, string>();
  for (const path of await segmentsOf(folder)) {
    for await (const lines of readSegment(path, report)) {
      const ended: CallRecord[] = [];
      for (const line of lines) {
        if (line.kind === 'begin') open.set(line.id, line.text);
        else {
          open.delete(line.id);
          ended.push(line.text);
        }
      }
      if (ended.length > 0) yield ended;
    }
  }
  const interrupted = [...open.values()];
  for (let from = 0; from < interrupted.length; from += linesAtOnce) {
    yield interrupted.slice(from, from + linesAtOnce).map(interruptedRecord);
  }
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
