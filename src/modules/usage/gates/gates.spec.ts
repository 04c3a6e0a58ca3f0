import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CallJournal } from '../../../platform/journal/call-journal.js';
import type { CallEnd, CallStart } from '../../../platform/journal/call-record.js';
import { Metrics } from '../../../observability/metrics.js';
import { Limiter } from '../../limits/limiter.js';
import { PostgresLimitStore } from '../../../platform/limits/postgres-limit-store.js';
import { unlimited } from './call-size.js';
import { Gates } from './gates.js';
import type { Ticket } from './ticket.js';

const call: CallStart = {
  id: 'use_1',
  tenantId: 'ten_a',
  keyId: 'key_a',
  requestId: 'req_a',
  route: 'chat.completions.create',
  endpoint: 'assistant',
  connectionId: 'con_a',
  model: 'big',
  stream: false,
  startedAtMs: 1,
};

const end: CallEnd = {
  status: 200,
  state: 'completed',
  source: 'upstream',
  inputTokens: 1,
  cachedInputTokens: 0,
  outputTokens: 1,
  reasoningTokens: 0,
  totalTokens: 2,
  latencyMs: 1,
  firstTokenMs: null,
};

let root: string;
let journal: CallJournal;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'gt-admission-'));
  journal = new CallJournal({ root, onError: () => undefined });
});

afterEach(async () => {
  await journal.close();
  await rm(root, { recursive: true, force: true });
});

/** Nothing is limited, so nobody asks it. */
const limiter = new Limiter(new PostgresLimitStore('postgres://127.0.0.1:1/none'), { process: 'p1' });
const gatesOf = () => new Gates(journal, limiter, new Metrics());
const reserve = (gates = gatesOf()) =>
  new Promise<Ticket>((resolve, reject) => gates.reserve(gates.pass([]), call, unlimited, resolve, reject));
const settle = (ticket: Ticket, result: CallEnd) => new Promise<void>((resolve) => ticket.settle(result, resolve));

describe('the gates', () => {
  it('let a call through after they have returned, when the call is on record', async () => {
    const gates = gatesOf();
    let isReserved = false;
    const reserved = new Promise<void>((resolve, reject) => {
      const letThrough = (): void => {
        isReserved = true;
        resolve();
      };
      gates.reserve(gates.pass([]), call, unlimited, letThrough, reject);
    });
    expect(isReserved).toBe(false);
    await reserved;
    expect(journal.counts().open).toBe(1);
  });

  it('settle a call once: the first result counts, and each settling is answered', async () => {
    const ticket = await reserve();
    await Promise.all([settle(ticket, end), settle(ticket, { ...end, state: 'client_closed' })]);
    await settle(ticket, { ...end, state: 'upstream_failed' });
    const records = (await journal.nextBatch(10))?.records.map(({ text }) => (JSON.parse(text) as unknown[])[11]);
    expect(records).toEqual(['completed']);
  });

  it('give each place back once', () => {
    const gates = gatesOf();
    const [first, second] = [gates.pass([]), gates.pass([])];
    expect(gates.held).toBe(2);
    first.leave();
    first.leave();
    expect(gates.held).toBe(1);
    second.leave();
    expect(gates.held).toBe(0);
  });
});
