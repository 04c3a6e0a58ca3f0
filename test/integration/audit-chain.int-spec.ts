import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { Actor } from '../../src/catalog/admin/admin-identity.js';
import { newId } from '../../src/kernel/ids.js';
import { AuditWriter } from '../../src/modules/audit/audit-writer.js';
import { OperatorAuditWriter } from '../../src/modules/audit/operator-audit-writer.js';
import { SealingRepository } from '../../src/modules/audit-chain/sealing.repository.js';
import { SealingService } from '../../src/modules/audit-chain/sealing.service.js';
import { ConnectionPool } from '../../src/platform/database/connection-pool.js';
import { PlatformDatabase } from '../../src/platform/database/platform-database.js';
import { TenantDatabase } from '../../src/platform/database/tenant-database.js';
import { createMigratedDatabase } from '../support/app.js';
import type { TestDatabase } from '../support/postgres.js';
import { until } from '../support/until.js';

let database: TestDatabase;
let connections: ConnectionPool;
/** A superuser, who may do anything. */
let direct: pg.Client;
let sealing: SealingService;
let tenantId: string;

const audit = new AuditWriter();
const never = new AbortController().signal;

beforeAll(async () => {
  database = await createMigratedDatabase();
  connections = new ConnectionPool({ DATABASE_URL: database.url, GT_DATABASE_POOL: 8 });
  direct = new pg.Client({ connectionString: database.url });
  await direct.connect();
  sealing = new SealingService(new SealingRepository(new PlatformDatabase(connections)));
});
beforeEach(async () => {
  tenantId = newId('tenant');
  await direct.query('insert into tenants (id, slug, name) values ($1, $1, $1)', [tenantId]);
});
afterAll(async () => {
  await direct.end();
  await connections.close();
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
