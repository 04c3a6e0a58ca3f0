import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { loadConfig } from '../../src/config/load-config.js';
import { auditVerificationObject, type AuditVerificationObject } from '../../src/contracts/audit-verification.js';
import { startWorker } from '../../src/worker/start-worker.js';
import { refusal, startAdminFixture, type AdminFixture } from '../support/admin-fixture.js';
import { testSettings } from '../support/app.js';
import { runCli } from '../support/cli.js';
import { runFolder } from '../support/postgres.js';
import { until } from '../support/until.js';

let fixture: AdminFixture;
let worker: Awaited<ReturnType<typeof startWorker>>;
let client: pg.Client;

beforeAll(async () => {
  const dataDir = { GT_DATA_DIR: mkdtempSync(join(runFolder(), 'audit-data-')) };
  fixture = await startAdminFixture({ settings: dataDir });
  client = new pg.Client({ connectionString: fixture.app.databaseUrl });
  await client.connect();
  worker = await startWorker(loadConfig({ ...testSettings, ...dataDir, DATABASE_URL: fixture.app.databaseUrl }));
});
afterAll(async () => {
  await worker.close();
  await client.end();
  await fixture.close();
});

const env = (token: string) => ({ GT_ADMIN_URL: fixture.app.adminUrl, GT_ADMIN_TOKEN: token });
const gt = (...args: string[]) => runCli(args, env(fixture.app.operatorToken));

async function verified(): Promise<AuditVerificationObject> {
  return auditVerificationObject.parse((await fixture.owner('GET', '/audit/verify')).body);
}

describe('the audit of a running platform', () => {
  it('is sealed and anchored by a worker, and proves to be as it was sealed', async () => {
    await until('all is sealed and anchored', async () => {
      const { unsealed, newest_anchor: newest } = await verified();
      return unsealed === 0 && newest !== null;
    });
    const found = await verified();
    expect(found).toMatchObject({ ok: true, faults: [], fault_count: 0, unsealed_since: null, rows: found.sealed });
    const { body } = await fixture.owner('GET', '/audit?limit=1');
    expect(body.data[0]).toMatchObject({ sealed: true, seq: found.head?.seq, hash: found.head?.hash });
    const told = await gt('--tenant', 'acme', 'audit', 'verify');
    expect([told.code, told.out]).toEqual([0, expect.stringContaining('is as it was sealed.')]);
    expect(told.out).toContain(`It ends at row ${found.sealed} with the hash ${found.head?.hash ?? ''}.`);
  });

  it('is verified by operators for all tenants and for themselves', async () => {
    const { code, out } = await gt('audit', 'verify', '--json');
    const { data } = JSON.parse(out) as { data: AuditVerificationObject[] };
    expect([code, data.map(({ ok }) => ok)]).toEqual([0, [true, true]]);
    await until('the operators are sealed', async () => (await gt('operator', 'audit', 'verify')).out.includes('1 are sealed'));
    expect((await gt('operator', 'audit', 'verify')).out).toContain("The operators' audit is as it was sealed.");
  });

  it('is for owners alone, and shows nobody the chain of others', async () => {
    expect(refusal(await fixture.manager('GET', '/audit/verify'))).toEqual([403, 'insufficient_role', null]);
    expect(refusal(await fixture.owner('GET', '/operator-audit/verify'))).toEqual([403, 'insufficient_role', null]);
    const other = (await fixture.stranger('GET', '/audit/verify')).body as AuditVerificationObject;
    expect(other.chain).not.toBe((await verified()).chain);
  });

  it('tells what somebody has done to its rows, and ends with 1', async () => {
    const { chain } = await verified();
    await client.query('begin');
    await client.query('set local session_replication_role = replica');
    await client.query(`update audit set changes = '{"role":"viewer"}' where tenant_id = $1 and seq = 2`, [chain]);
    await client.query('delete from audit where tenant_id = $1 and seq = 4', [chain]);
    await client.query('commit');
    expect(await verified()).toMatchObject({
      ok: false,
      fault_count: 2,
      faults: [
        { fault: 'changed', seq: 2, id: expect.stringMatching(/^aud_/) },
        { fault: 'removed', seq: 4, id: null },
      ],
    });
    const { code, out } = await gt('--tenant', 'acme', 'audit', 'verify');
    expect([code, out]).toEqual([
      1,
      expect.stringMatching(/is NOT as it was sealed(.|\n)*is not what was sealed(.|\n)*Row 4 is gone/),
    ]);
  });
});
