import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CallJournal } from '../../../platform/journal/call-journal.js';
import type { CallEnd, CallStart } from '../../../platform/journal/call-record.js';
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

const caller = { tenantId: 'ten_a', keyId: 'key_a' };
const reserve = (gates = new Gates(journal)) =>
  new Promise<Ticket>((resolve) => gates.reserve(gates.enter(caller), call, resolve));
const settle = (ticket: Ticket, result: CallEnd) => new Promise<void>((resolve) => ticket.settle(result, resolve));

describe('the gates', () => {
  it('let a call through after they have returned, when the call is on record', async () => {
    const gates = new Gates(journal);
    let isReserved = false;
    const reserved = new Promise<void>((resolve) =>
      gates.reserve(gates.enter(caller), call, () => {
        isReserved = true;
        resolve();
      }),
    );
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
    const gates = new Gates(journal);
    const [first, second] = [gates.enter(caller), gates.enter(caller)];
    gates.enter({ ...caller, keyId: 'key_b' });
    expect(gates.runningOf('key_a')).toBe(2);
    first.leave();
    first.leave();
    expect(gates.runningOf('key_a')).toBe(1);
    second.leave();
    expect([gates.runningOf('key_a'), gates.runningOf('key_b')]).toEqual([0, 1]);
  });
});
