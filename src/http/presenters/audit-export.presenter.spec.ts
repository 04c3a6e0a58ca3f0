import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import type { AuditRecord } from '../../modules/audit/audit-record.js';
import { auditExportText } from './audit-export.presenter.js';

const row: AuditRecord = {
  id: 'aud_1',
  tenantId: 'ten_1',
  actor: 'x'.repeat(20_000),
  actorRole: 'owner',
  action: 'create',
  kind: 'key',
  objectId: 'key_1',
  requestId: 'req_1',
  address: null,
  changes: {},
  before: null,
  seq: null,
  hash: null,
  createdAt: new Date(0),
};

describe('an export that nobody reads', () => {
  it.each(['json', 'csv'] as const)('as %s takes few pages, and none when its reader is gone', async (format) => {
    let taken = 0;
    let isOver = false;
    async function* pages() {
      try {
        for (; taken < 1_000; taken += 1) yield await Promise.resolve([row]);
      } finally {
        isOver = true;
      }
    }
    const stream = Readable.from(auditExportText(format, 'ten_1', pages()), { objectMode: false });
    const [first] = (await stream.iterator({ destroyOnReturn: false }).next()).value as [number];
    expect(first).toBeGreaterThan(0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(taken).toBeLessThan(20);
    const before = taken;
    await new Promise((resolve) => stream.once('close', resolve).destroy());
    await new Promise((resolve) => setImmediate(resolve));
    expect([isOver, taken]).toEqual([true, before]);
  });
});
