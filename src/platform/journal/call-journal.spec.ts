import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { CallJournal, type CallJournalOptions } from './call-journal.js';
import type { CallEnd, CallStart } from './call-record.js';
import { readFolder } from './journal-reader.js';
import { RecordKinds, type JournalRecord } from './record-kinds.js';

const end: CallEnd = {
  status: 200,
  state: 'completed',
  source: 'upstream',
  inputTokens: 3,
  cachedInputTokens: 0,
  outputTokens: 4,
  reasoningTokens: 0,
  totalTokens: 7,
  latencyMs: 12,
  firstTokenMs: null,
};

function call(id: string): CallStart {
  return {
    id,
    tenantId: 'ten_a',
    keyId: 'key_a',
    requestId: 'req_a',
    route: 'chat.completions.create',
    endpoint: 'assistant',
    connectionId: 'con_a',
    model: 'big',
    stream: false,
    startedAtMs: 1_700_000_000_000,
  };
}

let root: string;
let errors: string[];
let journals: CallJournal[];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'gt-journal-'));
  errors = [];
  journals = [];
});

afterEach(async () => {
  for (const journal of journals) await journal.close();
  await rm(root, { recursive: true, force: true });
});

function open(options: Partial<CallJournalOptions> = {}): CallJournal {
  const journal = new CallJournal({ root, onError: (message) => errors.push(message), ...options });
  journals.push(journal);
  return journal;
}

const begin = (journal: CallJournal, id: string) => new Promise<void>((resolve) => journal.begin(call(id), resolve));
const finish = (journal: CallJournal, id: string) => new Promise<void>((resolve) => journal.end(id, end, resolve));

async function calls(journal: CallJournal, ids: readonly string[]): Promise<void> {
  await Promise.all(ids.map((id) => begin(journal, id)));
  await Promise.all(ids.map((id) => finish(journal, id)));
}

const numbered = (from: number, count: number) => Array.from({ length: count }, (_, place) => `use_${from + place}`);

function idsOf(records: readonly JournalRecord[]): string[] {
  return records.map(({ text }) => (JSON.parse(text) as string[])[0] ?? '');
}

/** Drains everything as a database would that commits at once. */
async function drain(journal: CallJournal): Promise<string[]> {
  const drained: string[] = [];
  for (let batch = await journal.nextBatch(10); batch !== undefined; batch = await journal.nextBatch(10)) {
    drained.push(...idsOf(batch.records));
    batch.confirm();
  }
  return drained;
}

const files = async (journal: CallJournal) =>
  (await readdir(join(root, journal.instance))).filter((name) => name.endsWith('.log'));

async function onDisk(journal: CallJournal): Promise<unknown[][]> {
  const records: unknown[][] = [];
  for await (const group of readFolder(join(root, journal.instance), new RecordKinds()))
    records.push(...group.records.map(({ text }) => JSON.parse(text) as unknown[]));
  return records;
}

describe('CallJournal', () => {
  it('calls back only when the record is in the file, in the order of the calls', async () => {
    const journal = open();
    const seen: string[] = [];
    const look = (line: string) => () => {
      const isInFile = readFileSync(join(root, journal.instance, '1.log'), 'utf8').includes(line);
      seen.push(`${line} ${isInFile}`);
    };
    journal.begin(call('use_1'), look('B["use_1"'));
    journal.begin(call('use_2'), look('B["use_2"'));
    journal.end('use_1', end, look('E["use_1"'));
    expect(seen).toEqual([]);
    await begin(journal, 'use_3');
    expect(seen).toEqual(['B["use_1" true', 'B["use_2" true', 'E["use_1" true']);
  });

  it('records the first end of a call alone, and calls back for each', async () => {
    const journal = open();
    await begin(journal, 'use_1');
    await Promise.all([
      finish(journal, 'use_1'),
      new Promise<void>((resolve) => journal.end('use_1', { ...end, totalTokens: 99 }, resolve)),
    ]);
    const batch = await journal.nextBatch(10);
    expect(batch?.records.map(({ text }) => (JSON.parse(text) as unknown[])[17])).toEqual([7]);
  });

  it('gives the same batch again until it is confirmed, then never', async () => {
    const journal = open();
    await calls(journal, numbered(0, 3));
    expect((await journal.nextBatch(2))?.records).toEqual((await journal.nextBatch(2))?.records);
    expect(await drain(journal)).toEqual(['use_0', 'use_1', 'use_2']);
    expect(await journal.nextBatch(2)).toBeUndefined();
  });

  it('keeps a file while one of its calls is open or not drained, and no longer', async () => {
    const journal = open({ segmentBytes: 2000 });
    await begin(journal, 'use_open');
    for (let round = 0; round < 10; round += 1) await calls(journal, numbered(round * 5, 5));
    await drain(journal);
    expect((await files(journal)).sort()).toEqual(expect.arrayContaining(['1.log']));
    await finish(journal, 'use_open');
    await drain(journal);
    // Removing a file is not waited for; closing the journal finds nothing left.
    await journal.close();
    expect(await readdir(root)).toEqual([]);
  });

  it('empties the current file once everything in it is drained, so that little is read again after a crash', async () => {
    const journal = open();
    await calls(journal, numbered(0, 20));
    await drain(journal);
    expect(await onDisk(journal)).toEqual([]);
    await begin(journal, 'use_next');
    expect((await onDisk(journal)).map((record) => [record[0], record[11]])).toEqual([['use_next', 'interrupted']]);
  });

  it('reads back from the disk what memory had no room for, each call once', async () => {
    const journal = open({ memoryLimit: 20, segmentBytes: 4000 });
    const ids = numbered(0, 300);
    for (let from = 0; from < ids.length; from += 7) await calls(journal, ids.slice(from, from + 7));
    expect(journal.counts().undrainedInMemory).toBeLessThan(40);
    const drained = await drain(journal);
    expect([...drained].sort()).toEqual([...ids].sort());
    await calls(journal, ['use_later']);
    expect(await drain(journal)).toEqual(['use_later']);
    expect(journal.counts()).toEqual({ open: 0, undrainedInMemory: 0, lost: 0 });
  });

  it('leaves its folder for adoption when it is closed with calls that nobody has', async () => {
    const journal = open();
    await calls(journal, ['use_ended']);
    await begin(journal, 'use_open');
    await journal.close();
    const states = (await onDisk(journal)).map((record) => [record[0], record[11]]);
    expect(states).toEqual([
      ['use_ended', 'completed'],
      ['use_open', 'interrupted'],
    ]);
    expect(existsSync(join(root, journal.instance, 'owner.json'))).toBe(false);
  });

  it('goes on when the disk refuses, says so, and writes what is still needed as soon as it can', async () => {
    const journal = open({ segmentBytes: 300, heartbeatMs: 60_000 });
    await begin(journal, 'use_before');
    const folder = join(root, journal.instance);
    await rename(folder, `${folder}-away`);
    await calls(journal, numbered(0, 4));
    await begin(journal, 'use_open');
    expect(journal.healthy()).toBe(false);
    expect(errors[0]).toContain('cannot be written');
    await rename(`${folder}-away`, folder);
    for (let id = 100; !journal.healthy(); id += 1) await Promise.all([calls(journal, [`use_${id}`]), wait(20)]);
    const states = new Map((await onDisk(journal)).map((record) => [record[0], record[11]]));
    expect(numbered(0, 4).map((id) => states.get(id))).toEqual(Array(4).fill('completed'));
    expect([states.get('use_open'), states.get('use_before')]).toEqual(['interrupted', 'interrupted']);
    expect(await drain(journal)).toEqual(expect.arrayContaining(numbered(0, 4)));
  });

  it('goes on in a new folder, with its open calls, when another process took its own', async () => {
    const journal = open({ heartbeatMs: 10 });
    await begin(journal, 'use_open');
    await calls(journal, ['use_ended']);
    const first = journal.instance;
    await rename(join(root, first), join(root, `${first}.adopted-by-other`));
    while (journal.instance === first || !journal.healthy()) await wait(5);
    expect((await onDisk(journal)).map((record) => record[0]).sort()).toEqual(['use_ended', 'use_open']);
    await finish(journal, 'use_open');
    expect((await drain(journal)).sort()).toEqual(['use_ended', 'use_open']);
  });

  it('goes on after a callback that throws, and says so', async () => {
    const journal = open();
    journal.begin(call('use_1'), () => {
      throw new Error('boom');
    });
    await begin(journal, 'use_2');
    expect(errors).toEqual(['What followed a record of the journal failed.']);
  });

  it('carries what the provider answered, from memory and from the disk', async () => {
    const journal = open();
    await calls(journal, ['use_silent']);
    await begin(journal, 'use_1');
    await new Promise<void>((resolve) => journal.end('use_1', { ...end, status: 502, upstreamStatus: 401 }, resolve));
    const expected = [
      ['use_silent', undefined],
      ['use_1', 401],
    ];
    const told = (columns: unknown[]) => [columns[0], columns[20]];
    expect((await onDisk(journal)).map(told)).toEqual(expected);
    expect((await journal.nextBatch(10))?.records.map(({ text }) => told(JSON.parse(text) as unknown[]))).toEqual(expected);
  });

  it('keeps records of other kinds like calls: drained in their order, read back when memory is full, left for adoption', async () => {
    const kinds = new RecordKinds();
    kinds.register({ kind: 'ledger', reads: ([amount]) => typeof amount === 'number', write: () => Promise.resolve() });
    const journal = open({ kinds, memoryLimit: 20, segmentBytes: 500 });
    const keep = (amount: number) => new Promise<void>((resolve) => journal.record('ledger', 1, [amount, 'a\nb'], resolve));
    for (let amount = 0; amount < 100; amount += 5) await Promise.all([0, 1, 2, 3, 4].map((more) => keep(amount + more)));
    await calls(journal, ['use_1']);
    const drained: JournalRecord[] = [];
    for (let batch = await journal.nextBatch(10); batch !== undefined; batch = await journal.nextBatch(10)) {
      drained.push(...batch.records);
      batch.confirm();
    }
    const amounts = drained.filter(({ kind }) => kind === 'ledger').map(({ text }) => (JSON.parse(text) as unknown[])[0]);
    expect(amounts.sort((one, other) => Number(one) - Number(other))).toEqual(Array.from({ length: 100 }, (_, amount) => amount));
    expect(drained.filter(({ kind }) => kind === 'usage')).toHaveLength(1);
    expect(journal.counts().undrainedInMemory).toBe(0);
    await keep(7);
    await journal.close();
    const left: JournalRecord[] = [];
    for await (const { records } of readFolder(join(root, journal.instance), kinds)) left.push(...records);
    expect(left).toEqual([{ kind: 'ledger', text: '[7,"a\\nb"]' }]);
  });
});
