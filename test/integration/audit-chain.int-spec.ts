import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { Actor } from '../../src/catalog/admin/admin-identity.js';
import { loadConfig } from '../../src/config/load-config.js';
import { newId } from '../../src/kernel/ids.js';
import { AuditWriter } from '../../src/modules/audit/audit-writer.js';
import { OperatorAuditWriter } from '../../src/modules/audit/operator-audit-writer.js';
import { anchorKey, dayOf } from '../../src/modules/audit-chain/anchor.js';
import { AnchorStore } from '../../src/modules/audit-chain/anchor-store.js';
import { AnchoringRepository } from '../../src/modules/audit-chain/anchoring.repository.js';
import { AnchoringService } from '../../src/modules/audit-chain/anchoring.service.js';
import { ChainMoments } from '../../src/modules/audit-chain/chain-moments.js';
import { SealingRepository } from '../../src/modules/audit-chain/sealing.repository.js';
import { SealingService } from '../../src/modules/audit-chain/sealing.service.js';
import { VerificationService } from '../../src/modules/audit-chain/verification.service.js';
import { InstallationRepository } from '../../src/modules/files/intake/installation.repository.js';
import { StorageClaim } from '../../src/modules/files/intake/storage-claim.js';
import { Log } from '../../src/observability/log.js';
import { ConnectionPool } from '../../src/platform/database/connection-pool.js';
import { PlatformDatabase } from '../../src/platform/database/platform-database.js';
import { TenantDatabase } from '../../src/platform/database/tenant-database.js';
import { LocalObjectStore } from '../../src/platform/storage/local-object-store.js';
import { createMigratedDatabase, testSettings } from '../support/app.js';
import { runFolder, type TestDatabase } from '../support/postgres.js';
import { until } from '../support/until.js';

let database: TestDatabase;
let connections: ConnectionPool;
/** A superuser, who may do anything. */
let direct: pg.Client;
let sealing: SealingService;
let store: LocalObjectStore;
let anchors: AnchorStore;
let anchoring: AnchoringService;
let verification: VerificationService;
/** What the log was told. */
let told = '';
let tenantId: string;

const audit = new AuditWriter();
const never = new AbortController().signal;

beforeAll(async () => {
  database = await createMigratedDatabase();
  connections = new ConnectionPool({ DATABASE_URL: database.url, GT_DATABASE_POOL: 8 });
  direct = new pg.Client({ connectionString: database.url });
  await direct.connect();
  const platform = new PlatformDatabase(connections);
  sealing = new SealingService(new SealingRepository(platform));
  store = new LocalObjectStore({ root: mkdtempSync(join(runFolder(), 'anchors-')) });
  const config = loadConfig({ ...testSettings, DATABASE_URL: database.url, GT_LOG_LEVEL: 'error' });
  const log = new Log(config, { write: (line: string) => void (told += line) });
  anchors = new AnchorStore(store, new StorageClaim(new InstallationRepository(platform), store, log));
  anchoring = new AnchoringService(new AnchoringRepository(platform), anchors, log);
  verification = new VerificationService(new ChainMoments(new TenantDatabase(connections), platform), anchors);
});
beforeEach(async () => {
  tenantId = newId('tenant');
  await direct.query('insert into tenants (id, slug, name) values ($1, $1, $1)', [tenantId]);
});
afterAll(async () => {
  await direct.end();
  await connections.close();
  await store.close();
  await database.drop();
});

const actor = (): Actor => ({ tenantId, role: 'owner', name: 'test', requestId: 'req_1', address: null });

/** Records so many changes in one transaction; `work` runs before it is committed. */
async function write(count: number, work: () => Promise<unknown> = () => Promise.resolve()): Promise<void> {
  const entries = Array.from({ length: count }, (_none, at) => {
    return { action: 'update', kind: 'key', objectId: `key_${at}`, before: { name: `é${at}` }, changes: { name: 'ü', at } };
  });
  await new TenantDatabase(connections).run(tenantId, async (tx) => {
    await audit.recordMany(tx, actor(), entries);
    await work();
  });
}

interface Sealed {
  readonly id: string;
  readonly object_id: string;
  readonly seq: number | null;
}

async function rows(): Promise<Sealed[]> {
  const sql = 'select id, object_id, seq::float8 as seq from audit where tenant_id = $1 order by seq, id';
  return (await direct.query<Sealed>(sql, [tenantId])).rows;
}

const numbers = async () => (await rows()).map(({ seq }) => seq);
const upTo = (count: number) => Array.from({ length: count }, (_none, at) => at + 1);

describe('sealing', () => {
  it('numbers committed rows without a gap, whoever writes and seals, and takes in what is committed late', async () => {
    let commit = (): void => undefined;
    const held = new Promise<void>((resolve) => (commit = resolve));
    let isWritten = false;
    const slow = write(3, () => ((isWritten = true), held));
    await until('the slow transaction has written', () => isWritten);
    const writers = Promise.all(upTo(20).map(() => write(5)));
    const sealers = Promise.all(upTo(3).map(() => sealing.sealAll(never)));
    await Promise.all([writers, sealers]);
    await sealing.sealAll(never);
    expect(await numbers()).toEqual(upTo(100));
    commit();
    await slow;
    expect((await numbers()).filter((seq) => seq === null)).toHaveLength(3);
    await sealing.sealAll(never);
    expect(await numbers()).toEqual(upTo(103));
  });

  it('once more changes nothing', async () => {
    await write(4);
    expect(await sealing.sealAll(never)).toBe(4);
    const before = await rows();
    expect(await sealing.sealAll(never)).toBe(0);
    expect(await rows()).toEqual(before);
  });

  it('goes on where a sealer was killed in the middle', async () => {
    await write(2);
    await sealing.sealAll(never);
    await write(3);
    await direct.query('begin');
    await direct.query('select from audit where tenant_id = $1 for update', [tenantId]);
    const dying = sealing.sealAll(never).catch((error: unknown) => error);
    const waiting = `select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    await until('a sealer waits for the rows', async () => (await direct.query(waiting)).rowCount === 1);
    await direct.query(`select pg_terminate_backend(pid) from (${waiting}) w`);
    expect(await dying).toBeInstanceOf(Error);
    await direct.query('rollback');
    expect((await numbers()).filter((seq) => seq === null)).toHaveLength(3);
    await sealing.sealAll(never);
    expect(await numbers()).toEqual(upTo(5));
  });

  it('seals what operators do in a chain of their own', async () => {
    const operators = new OperatorAuditWriter();
    const entry = { action: 'create', kind: 'price', objectId: 'prc_1', changes: { model: 'm' } };
    const platform = new PlatformDatabase(connections);
    for (let at = 0; at < 3; at += 1) await platform.run((tx) => operators.record(tx, actor(), entry));
    await sealing.sealAll(never);
    const { rows } = await direct.query<{ seq: number }>('select seq::float8 as seq from operator_audit order by seq');
    expect(rows.map(({ seq }) => seq)).toEqual(upTo(3));
  });
});

describe('rows of the audit', () => {
  it.each([
    ['gt_app', 'change', `update audit set actor = 'x'`],
    ['gt_app', 'delete', 'delete from audit'],
    ['gt_app', 'seal', 'update audit set seq = 9'],
    ['gt_platform', 'change', `update audit set actor = 'x'`],
    ['gt_platform', 'delete', 'delete from audit'],
    ['gt_platform', 'unseal', 'update audit set seq = null, hash = null'],
    ['gt_platform', 'unseal the operators', 'update operator_audit set seq = null, hash = null'],
    ['gt_platform', 'delete the operators', 'delete from operator_audit'],
    ['gt_platform', 'forget all', 'truncate audit'],
  ])('are none that %s may %s', async (role, _what, sql) => {
    await write(1);
    await new PlatformDatabase(connections).run((tx) =>
      new OperatorAuditWriter().record(tx, actor(), { action: 'create', kind: 'price', objectId: 'prc_1' }),
    );
    await sealing.sealAll(never);
    await direct.query('begin');
    await direct.query(`select set_config('role', $1, true), set_config('gt.tenant_id', $2, true)`, [role, tenantId]);
    await expect(direct.query(sql)).rejects.toThrow(/permission denied|do not change/);
    await direct.query('rollback');
  });

  it('are written unsealed, and go with their tenant', async () => {
    await direct.query('begin');
    await direct.query(`select set_config('role', 'gt_app', true), set_config('gt.tenant_id', $1, true)`, [tenantId]);
    const sealed = `insert into audit (tenant_id, id, actor, actor_role, action, kind, object_id, request_id, seq) values ($1, 'a', 'x', 'x', 'x', 'x', 'x', 'x', 1)`;
    await expect(direct.query(sealed, [tenantId])).rejects.toThrow('are sealed when they are committed');
    await direct.query('rollback');
    await write(2);
    await sealing.sealAll(never);
    await new PlatformDatabase(connections).run((tx) => tx.tenant.delete({ where: { id: tenantId } }));
    expect(await rows()).toEqual([]);
    expect((await direct.query('select from audit_chains where tenant_id = $1', [tenantId])).rowCount).toBe(0);
  });
});

/** Seals and anchors all that is there. */
async function seal(now?: Date): Promise<void> {
  await sealing.sealAll(never);
  await direct.query(`update audit_chains set anchor_due_at = 'epoch'`);
  await anchoring.anchorDue(never, now);
}

/** What somebody does who may do anything, and has switched off what would refuse it. */
async function tamper(sql: string, values: readonly unknown[] = [tenantId]): Promise<void> {
  await direct.query('begin');
  await direct.query('set local session_replication_role = replica');
  await direct.query(sql, [...values]);
  await direct.query('commit');
}

async function verify(): Promise<[number, number, unknown[]]> {
  const { sealed, unsealed, faults } = await verification.verify({ tenantId });
  return [sealed, unsealed.count, faults.map(({ fault, seq }) => [fault, seq])];
}

/** The chain as somebody would make it anew who has the source of the product. */
async function chainAgain(): Promise<void> {
  await tamper(`update audit set seq = null, hash = null where tenant_id = $1`);
  await tamper('delete from audit_chains where name = $1');
  await sealing.sealAll(never);
}

const columns = 'tenant_id, id, actor, actor_role, action, kind, object_id, request_id, created_at';
const inserted = `insert into audit (${columns}, seq, hash) select tenant_id, 'aud_x', 'x', actor_role, action, kind, object_id, request_id`;

describe('verifying', () => {
  it('finds nothing where nothing was done, and says what is not sealed yet', async () => {
    expect(await verify()).toEqual([0, 0, []]);
    await write(1_203);
    await seal();
    await write(2);
    expect(await verify()).toEqual([1_203, 2, []]);
    const { head, newestAnchor, anchors: count } = await verification.verify({ tenantId });
    expect(head).toEqual({ seq: 1_203, hash: newestAnchor?.hash });
    expect(count).toBe(1);
  });

  it.each([
    ['a changed actor', `update audit set actor = 'x' where tenant_id = $1 and seq = 3`, [['changed', 3]]],
    ['a changed field', `update audit set changes = '{"at":3}' where tenant_id = $1 and seq = 3`, [['changed', 3]]],
    [
      'a changed time',
      `update audit set created_at = now() - interval '1 day' where tenant_id = $1 and seq = 3`,
      [['changed', 3]],
    ],
    [
      'a changed hash',
      `update audit set hash = decode(repeat('00', 32), 'hex') where tenant_id = $1 and seq = 3`,
      [
        ['changed', 3],
        ['changed', 4],
      ],
    ],
    ['a removed row', 'delete from audit where tenant_id = $1 and seq = 3', [['removed', 3]]],
    ['an inserted row', `${inserted}, created_at, seq, hash from audit where tenant_id = $1 and seq = 3`, [['inserted', 3]]],
    [
      'a row of a later number',
      `${inserted}, created_at, 9, hash from audit where tenant_id = $1 and seq = 3`,
      [6, 7, 8].map((seq) => ['removed', seq]).concat([['anchor_mismatch', 5]]),
    ],
    [
      'a cut tail',
      'delete from audit where tenant_id = $1 and seq > 3',
      [
        ['cut', 5],
        ['cut', 5],
      ],
    ],
    ['a lost end', 'delete from audit_chains where name = $1', [['anchor_mismatch', 5]]],
  ] as const)('finds %s', async (_what, sql, faults) => {
    await write(5);
    await seal();
    await tamper(sql);
    expect((await verify())[2]).toEqual(faults);
  });

  it('finds a row of the past that was inserted, before and after it is sealed', async () => {
    await write(3);
    await seal();
    await tamper(`${inserted}, created_at - interval '1 day', null, null from audit where tenant_id = $1 and seq = 3`);
    expect((await verify())[2]).toEqual([['inserted', null]]);
    await sealing.sealAll(never);
    expect((await verify())[2]).toEqual([['inserted', 4]]);
  });

  it('finds a cut tail by the anchor alone, and one that was chained again', async () => {
    await write(5);
    await seal();
    await tamper('delete from audit where tenant_id = $1 and seq > 3');
    await chainAgain();
    expect(await verify()).toEqual([3, 0, [['cut', 5]]]);
    await write(4);
    await sealing.sealAll(never);
    expect(await verify()).toEqual([7, 0, [['anchor_mismatch', 5]]]);
  });

  it("verifies the operators' chain by itself", async () => {
    const entry = { action: 'create', kind: 'price', objectId: 'prc_9' };
    const platform = new PlatformDatabase(connections);
    for (let at = 0; at < 2; at += 1) await platform.run((tx) => new OperatorAuditWriter().record(tx, actor(), entry));
    await seal();
    const chain = { tenantId: null };
    const { sealed, faults, head } = await verification.verify(chain);
    expect([sealed, faults, head?.seq]).toEqual([expect.any(Number), [], sealed]);
    await tamper(`update operator_audit set actor = 'x' where seq = $1`, [sealed]);
    expect((await verification.verify(chain)).faults).toMatchObject([{ fault: 'changed', seq: sealed }]);
  });
});

describe('anchors', () => {
  const days = async () => (await anchors.newest({ tenantId }, 10)).map(({ day, seq }) => [day, seq]);

  it('are one for a day, which goes on with the chain, and none where nothing came', async () => {
    await write(2);
    await seal(new Date('2027-01-01T23:59:59Z'));
    await write(1);
    await seal(new Date('2027-01-02T00:00:00Z'));
    await write(3);
    await seal(new Date('2027-01-02T12:00:00Z'));
    await seal(new Date('2027-01-03T12:00:00Z'));
    expect(await days()).toEqual([
      ['2027-01-01', 2],
      ['2027-01-02', 6],
    ]);
  });

  it('are due at once for a chain that is new, and then no sooner than in an hour', async () => {
    await write(1);
    await sealing.sealAll(never);
    expect(await anchoring.anchorDue(never)).toBeGreaterThan(0);
    await write(1);
    await sealing.sealAll(never);
    expect(await anchoring.anchorDue(never)).toBe(0);
    expect(await days()).toEqual([[dayOf(new Date()), 1]]);
  });

  it('are not replaced by those of a chain that is shorter, or another one', async () => {
    await write(5);
    const now = new Date();
    await seal(now);
    await tamper('delete from audit where tenant_id = $1 and seq > 3');
    await chainAgain();
    await seal(now);
    expect(await days()).toEqual([[dayOf(now), 5]]);
    await write(4);
    told = '';
    await seal(now);
    expect(await days()).toEqual([[dayOf(now), 5]]);
    expect(told).toContain('does not go on from its anchor');
  });

  it('are kept by the sweep of contents, and are none of another kind of object', async () => {
    await write(1);
    await seal();
    const [key] = await keys(`audit_${(await installation()).slice(4)}${tenantId.slice(4)}/`);
    expect(key).toBe(anchorKey(await installation(), { tenantId }, dayOf(new Date())));
    expect(await keys(await installation())).toEqual([]);
  });

  async function keys(prefix: string): Promise<string[]> {
    const found: string[] = [];
    for await (const { key } of store.list(prefix)) found.push(key);
    return found;
  }

  async function installation(): Promise<string> {
    return (await direct.query<{ id: string }>('select id from installation')).rows[0]?.id ?? '';
  }
});
