/**
 * How the release before (2f66ddf) reads a journal, copied from it and never changed: what this build writes must be read by
 * it after going back. Lines that it cannot read are counted and lost with their folder.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const types = [
  ...['text', 'text', 'text', 'text', 'text', 'text', 'text', 'text', 'boolean', 'milliseconds'],
  ...['integer', 'text', 'text', 'integer', 'integer', 'integer', 'integer', 'integer', 'integer', 'integer or null'],
];
const startColumns = 10;
const interruptedEnd = ',500,"interrupted","none",0,0,0,0,0,0,null]';

function parseLine(line) {
  const kind = line.startsWith('B') ? 'begin' : line.startsWith('E') ? 'end' : undefined;
  if (kind === undefined) return undefined;
  const text = line.slice(1);
  const values = parseArray(text);
  const columns = kind === 'begin' ? types.slice(0, startColumns) : types;
  if (values?.length !== columns.length) return undefined;
  if (!columns.every((type, place) => fits(values[place], type))) return undefined;
  return { kind, id: String(values[0]), text };
}

function parseArray(text) {
  try {
    const values = JSON.parse(text);
    return Array.isArray(values) ? values : undefined;
  } catch {
    return undefined;
  }
}

function fits(value, type) {
  if (type === 'text') return typeof value === 'string' && value.replace(/[\0\p{Surrogate}]/gu, '\ufffd') === value;
  if (type === 'boolean') return typeof value === 'boolean';
  if (type === 'integer or null' && value === null) return true;
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= (type === 'milliseconds' ? 8.64e15 : 2_147_483_647);
}

/** The records of a dead process's folder: each the JSON text of 20 columns. */
export async function readFolderAsBefore(folder) {
  const numbers = (await readdir(folder)).flatMap((name) => /^(\d+)\.log$/.exec(name)?.[1] ?? []).map(Number);
  const open = new Map();
  const records = [];
  for (const number of numbers.sort((one, other) => one - other)) {
    const lines = (await readFile(join(folder, `${number}.log`), 'utf8')).split('\n').slice(0, -1);
    for (const line of lines.map(parseLine).filter((parsed) => parsed !== undefined)) {
      if (line.kind === 'begin') open.set(line.id, line.text);
      else {
        open.delete(line.id);
        records.push(line.text);
      }
    }
  }
  return [...records, ...[...open.values()].map((begin) => begin.slice(0, -1) + interruptedEnd)];
}
