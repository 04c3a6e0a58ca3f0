import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../config/config.module.js';
import { newTimedId } from '../../kernel/ids.js';
import { Metrics } from '../../observability/metrics.js';
import { CallJournal } from '../../platform/journal/call-journal.js';
import type { CallEnd } from '../../platform/journal/call-record.js';
import { CallSums } from '../usage/gates/call-sums.js';
import { RequestDrops } from './request-drops.js';
import { mostWaiting, RequestLog } from './request-log.js';
import type { RequestFacts } from './request-record.js';

let root: string;
let journal: CallJournal;
let metrics: Metrics;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'gt-requests-'));
  journal = new CallJournal({ root, onError: () => undefined });
  metrics = new Metrics();
});
afterEach(async () => {
  await journal.close();
  await rm(root, { recursive: true, force: true });
});

const logOf = (days = 30): RequestLog =>
  new RequestLog(journal, new RequestDrops(metrics), { GT_REQUEST_LOG_DAYS: days } as Config);

const facts = (further: Partial<RequestFacts> = {}): RequestFacts => ({
  ...{ tenantId: 'ten_a', keyId: 'key_a', requestId: newTimedId('request', Date.now()), method: 'GET', route: 'models.list' },
  ...{ endpoint: undefined, status: 200, errorCode: undefined, isAborted: false, startedAt: 0, latencyMs: 1, enteredAt: 0 },
  ...{ sums: undefined, address: '127.0.0.1', agent: 'test', ...further },
});

/** What has come to the journal, by count. */
async function counts(log: RequestLog): Promise<number[]> {
  log.beforeApplicationShutdown();
  const turned = new Promise<void>((resolve) => setImmediate(resolve));
  await turned;
  const batch = await journal.nextBatch(1_000_000);
  const rows = batch?.records.flatMap(({ text }) => (JSON.parse(text) as unknown[]).slice(3) as number[][]) ?? [];
  return rows.map((row) => row.at(-2) ?? 0);
}

describe('the request log', () => {
  it('hands each call to the journal once, and refusals beyond ten in a second as one', async () => {
    const log = logOf();
    log.add(facts());
    const refused = facts({ status: 403, errorCode: 'insufficient_scope' });
    for (let times = 0; times < 5; times += 1) log.add(refused);
    expect(await counts(log)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('waits for calls to providers whose tokens are still counted', async () => {
    const log = logOf();
    const sums = new CallSums();
    sums.begin('use_1');
    log.add(facts({ sums }));
    expect(await counts(log)).toEqual([]);
    sums.end({ inputTokens: 1, outputTokens: 2, totalTokens: 3, firstTokenMs: null } as CallEnd, undefined);
    expect(await counts(log)).toEqual([1]);
  });

  it('leaves rows out, and counts them, while too many records wait for the database', async () => {
    const log = logOf();
    journal.recordLines('R["other",1,0]\n'.repeat(mostWaiting), mostWaiting);
    await new Promise((resolve) => setImmediate(resolve));
    for (let times = 0; times < 3; times += 1) log.add(facts());
    log.beforeApplicationShutdown();
    expect(metrics.requestLogDropped.count('backlog')).toBe(3);
    expect(journal.counts().undrainedInMemory).toBe(mostWaiting);
  });

  it('leaves rows out, and counts them, while the disk takes nothing', async () => {
    const log = logOf();
    await rm(root, { recursive: true, force: true });
    await new Promise<void>((resolve) => journal.record('other', 1, [0], resolve));
    expect(journal.healthy()).toBe(false);
    log.add(facts());
    log.beforeApplicationShutdown();
    expect(metrics.requestLogDropped.count('disk')).toBe(1);
    expect(journal.counts().undrainedInMemory).toBe(1);
  });

  it('that is switched off takes nothing', async () => {
    const log = logOf(0);
    log.add(facts());
    expect(await counts(log)).toEqual([]);
  });
});
