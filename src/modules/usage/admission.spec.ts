import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CallJournal } from '../../platform/journal/call-journal.js';
import type { CallEnd, CallStart } from '../../platform/journal/call-record.js';
import { Admission, type Ticket } from './admission.js';

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

const admit = () => new Promise<Ticket>((resolve) => new Admission(journal).admit(call, resolve));
const settle = (ticket: Ticket, result: CallEnd) => new Promise<void>((resolve) => ticket.settle(result, resolve));

describe('Admission', () => {
  it('lets a call through after it has returned, when the call is on record', async () => {
    let isAdmitted = false;
    const admitted = new Promise<void>((resolve) =>
      new Admission(journal).admit(call, () => {
        isAdmitted = true;
        resolve();
      }),
    );
    expect(isAdmitted).toBe(false);
    await admitted;
    expect(journal.counts().open).toBe(1);
  });

  it('settles a call once: the first result counts, and each settling is answered', async () => {
    const ticket = await admit();
    await Promise.all([settle(ticket, end), settle(ticket, { ...end, state: 'client_closed' })]);
    await settle(ticket, { ...end, state: 'upstream_failed' });
    const records = (await journal.nextBatch(10))?.records.map((record) => (JSON.parse(record) as unknown[])[11]);
    expect(records).toEqual(['completed']);
  });
});
