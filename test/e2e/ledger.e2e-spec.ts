import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { ledgerCheckObject, type LedgerCheckObject, type LedgerEntryObject } from '../../src/contracts/ledger.js';
import { newTimedId } from '../../src/kernel/ids.js';
import { UsageDrainRepository } from '../../src/modules/usage/usage-drain.repository.js';
import { ConnectionPool } from '../../src/platform/database/connection-pool.js';
import { PlatformDatabase } from '../../src/platform/database/platform-database.js';
import { beginText, interruptedRecord, type CallEnd } from '../../src/platform/journal/call-record.js';
import { expectCreated, refusal } from '../support/admin-fixture.js';
import { tokenOf } from '../support/admin.js';
import { runCli, type CliRun } from '../support/cli.js';
import { endedRecord } from '../support/ended-record.js';
import { startPlatform, type SeededKey, type TestPlatform } from '../support/platform.js';
import { defaultAnswer, startRecordingProvider, type RecordingProvider } from '../support/recording-provider.js';
import { chunkEvent, openStream, publishOn } from '../support/scripted-provider.js';
import { until } from '../support/until.js';

let platform: TestPlatform;
let chatter: RecordingProvider;
/** Sees all rows of all tenants. */
let database: pg.Client;
let connections: ConnectionPool;

beforeAll(async () => {
  platform = await startPlatform();
  chatter = await startRecordingProvider();
  await publishOn(platform, `${chatter.url}/v1`, 'chatter');
  database = new pg.Client({ connectionString: platform.app.databaseUrl });
  await database.connect();
  connections = new ConnectionPool({ DATABASE_URL: platform.app.databaseUrl, GT_DATABASE_POOL: 1 });
  const amounts = { input: 1_000_000, output: 1_000_000 };
  for (const connection of ['main', 'to-chatter'])
    await expectCreated(admin('POST', '/tenant-prices', { tenant: 'acme', connection, model: '*', amounts }));
});
afterAll(async () => {
  await connections.close();
  await database.end();
  await chatter.close();
  await platform.close();
});

const admin = (method: string, path: string, body?: object, token?: string) => platform.app.admin(method, path, body, token);
const messages = [{ role: 'user', content: 'hello' }];

async function budgetOf(body: object): Promise<string> {
  return (await expectCreated(admin('POST', '/budgets', { tenant: 'acme', window: 'total', ...body }))).id as string;
}

async function ask(key: SeededKey, body: object): Promise<number> {
  const reply = await fetch(`${platform.app.baseUrl}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key.secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ messages, max_tokens: 20, ...body }),
  });
  await reply.text();
  return reply.status;
}

async function checked(query = ''): Promise<LedgerCheckObject> {
  return ledgerCheckObject.parse((await admin('GET', `/ledger/check?tenant=acme${query}`)).body);
}

const what = ({ faults }: LedgerCheckObject): string[] => [...new Set(faults.map((fault) => fault.what))].sort();

function gt(...args: string[]): Promise<CliRun> {
  return runCli(args, { GT_ADMIN_URL: platform.app.adminUrl, GT_ADMIN_TOKEN: platform.app.operatorToken });
}

/** Calls of one key that end in every way, and its budgets. */
let key: SeededKey;
let money: string;
let tokens: string;
let all: string;

const ended: CallEnd = {
  ...{ status: 200, state: 'completed', source: 'upstream', latencyMs: 1, firstTokenMs: null },
  ...{ inputTokens: 3, cachedInputTokens: 0, outputTokens: 4, reasoningTokens: 0, totalTokens: 7 },
};

/** What an adopter writes for a call whose process died, and then its own end, where somebody had it after all. */
async function guessed(end?: Partial<CallEnd>, price?: CallEnd['price']): Promise<string> {
  const now = Date.now();
  const id = newTimedId('usage', now);
  const begin = beginText({
    ...{ id, tenantId: platform.acme.id, keyId: key.id, requestId: 'req_1', route: 'chat.completions.create' },
    ...{ endpoint: 'raw-chat', connectionId: platform.acme.connectionId, model: 'm', stream: false, startedAtMs: now },
  });
  const claims = [`:${tokens}:0::500:`, `:${money}:0::600:USD`].join('/');
  const drain = new UsageDrainRepository(new PlatformDatabase(connections));
  await drain.write([interruptedRecord(begin, claims)], []);
  if (end !== undefined) await drain.write([endedRecord(begin, { ...ended, price, ...end }, claims)], []);
  return id;
}

describe('the ledger', () => {
  it('agrees with the usage records of calls that end in every way, and with the sums of periods and slices', async () => {
    key = await platform.factory.key(platform.acme);
    money = await budgetOf({ key: key.id, amount: 1_000_000 });
    tokens = await budgetOf({ key: key.id, amount: 100_000, currency: null });
    all = await budgetOf({ amount: 1, currency: null, hard: false });
    expect(await ask(key, { model: 'raw-chat' })).toBe(200);
    expect(await ask(key, { model: 'raw-chat', stream: true })).toBe(200);
    expect(await ask(key, { model: 'chatter' })).toBe(200);
    chatter.answerWith((_body, response) => {
      openStream(response);
      for (let word = 0; word < 100; word += 1) response.write(chunkEvent({ content: `word${word} ` }));
    });
    expect(await ask(key, { model: 'chatter', stream: true })).toBe(200);
    chatter.answerWith((_body, response) => response.writeHead(400, { 'content-type': 'application/json' }).end('{}'));
    expect(await ask(key, { model: 'chatter' })).toBe(400);
    chatter.answerWith(defaultAnswer);
    await guessed();
    const price = { cost: 9, charge: 11, currency: 'USD' };
    const late = await guessed({}, price);
    const cut = await guessed({ state: 'interrupted', source: 'counted' }, price);
    const unpriced = await guessed({});
    const check = await until('all is in the ledger', async () => {
      const now = await checked();
      return now.calls === 9 && now;
    });
    expect(check).toMatchObject({ ok: true, tenant: 'acme', faults: [], fault_count: 0, period_count: 3 });
    for (const { reserved, settled, released } of [...check.budgets, ...check.totals]) expect(reserved).toBe(settled + released);
    const { totals } = (await admin('GET', `/usage?tenant=acme&key=${key.id}`)).body as unknown as {
      totals: { total_tokens: number };
    };
    const of = (id: string) => check.budgets.find(({ budget }) => budget === id);
    expect(of(tokens)).toMatchObject({ settled: totals.total_tokens, deleted: false, overdrawn: 0, amount: 100_000 });
    // Of a call whose end has no price, what was reserved counts.
    const { body } = await admin('GET', `/ledger?tenant=acme&budget=${money}&kind=settle&limit=100`);
    const settled = body.data as LedgerEntryObject[];
    expect(settled.filter(({ assumed }) => assumed)).toMatchObject([{ call: unpriced, amount: 600 }]);
    for (const id of [late, cut])
      expect(settled.find(({ call }) => call === id)).toMatchObject({ amount: 11, tokens: 7, assumed: false, currency: 'USD' });
    // A budget that only counts is overdrawn, which is no fault.
    expect(of(all)?.overdrawn).toBeGreaterThan(0);
  });

  it('shows each entry once, page by page in both directions, and narrowed', async () => {
    const list = async (query: string) =>
      (await admin('GET', `/ledger?tenant=acme&${query}`)).body as unknown as {
        data: LedgerEntryObject[];
        last_id: string;
        has_more: boolean;
      };
    const whole = (await list('limit=100&order=asc')).data;
    expect(whole).toHaveLength((await checked()).entries);
    const ofOne = whole.filter(({ call, budget }) => call === whole[0]?.call && budget === whole[0].budget);
    expect(ofOne.map(({ kind }) => kind)).toEqual(['reserve', 'settle', 'release']);
    const paged: LedgerEntryObject[] = [];
    for (let after = ''; ;) {
      const page = await list(`limit=7&order=asc${after}`);
      paged.push(...page.data);
      if (!page.has_more) break;
      after = `&after=${page.last_id}`;
    }
    expect(paged).toEqual(whole);
    expect((await list(`limit=3&order=asc&before=${whole[5]?.id}`)).data).toEqual(whole.slice(2, 5));
    expect((await list('limit=100')).data).toEqual(whole.toReversed());
    const [first] = whole;
    const narrowed = await list(`limit=100&order=asc&call=${first?.call}&budget=${first?.budget}&kind=${first?.kind}`);
    expect(narrowed.data).toEqual([first]);
    expect((await list(`until=${(first?.created_at ?? 0) - 1}`)).data).toEqual([]);
    for (const cursor of ['use_1', `${first?.call}-${first?.budget}-reserve-2`])
      expect(refusal(await admin('GET', `/ledger?tenant=acme&after=${cursor}`))).toEqual([400, 'invalid_value', 'after']);
    expect(await gt('ledger', 'list', '--tenant', 'acme', '--kind', 'settle')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^CREATED AT {2,}CALL .*\n.*use_/),
    });
    for (const [flag, prefix] of [
      ['--budget', 'bud_'],
      ['--call', 'use_'],
    ] as const)
      expect(await gt('ledger', 'list', '--tenant', 'acme', flag, 'slip')).toMatchObject({
        code: 2,
        err: expect.stringContaining(`which begins with ${prefix}`),
      });
  });

  it('is shown to members of its tenant, and checked by owners alone', async () => {
    const [viewer, owner, stranger] = await Promise.all([
      tokenOf(platform.app, 'acme', 'viewer'),
      tokenOf(platform.app, 'acme', 'owner'),
      platform.factory.tenant('other', `${chatter.url}/v1`).then(() => tokenOf(platform.app, 'other', 'owner')),
    ]);
    expect((await admin('GET', '/ledger?limit=1', undefined, viewer)).body.data).toHaveLength(1);
    expect(refusal(await admin('GET', '/ledger/check', undefined, viewer))).toEqual([403, 'insufficient_role', null]);
    expect((await admin('GET', '/ledger/check', undefined, owner)).body).toMatchObject({ ok: true, tenant: 'acme', calls: 9 });
    expect((await admin('GET', '/ledger', undefined, stranger)).body.data).toEqual([]);
    expect((await admin('GET', '/ledger/check', undefined, stranger)).body).toMatchObject({ ok: true, entries: 0, budgets: [] });
  });

  it('is checked in part where that is asked', async () => {
    expect(await checked(`&budget=${money}`)).toMatchObject({ ok: true, period_count: 1, calls: 9 });
    // Budgets without end have one period, which began in 1970.
    expect(await checked('&since=1')).toMatchObject({ ok: true, period_count: 0, calls: 0 });
    expect(await checked('&until=1')).toMatchObject({ ok: true, period_count: 3, calls: 9 });
  });

  it('is proved on the command line, for one tenant or all', async () => {
    const one = await gt('ledger', 'check', '--tenant', 'acme');
    expect(one).toMatchObject({
      code: 0,
      out: expect.stringMatching(/TOTALS[^]*\nThe ledger is right: \d+ entries of 9 calls agree /),
    });
    expect(JSON.parse((await gt('ledger', 'check', '--json')).out)).toMatchObject({
      object: 'list',
      data: [
        { tenant: 'acme', ok: true },
        { tenant: 'other', ok: true },
      ],
    });
  });
});

describe('a check of the ledger', () => {
  /** Tables as they are while all is right. */
  const tables = ['ledger_entries', 'budget_periods', 'budget_slices'];
  /** One that the budget in money counts, at a price. */
  let call: string;

  beforeAll(async () => {
    for (const table of tables) await database.query(`create temporary table right_${table} as table ${table}`);
    const { rows } = await database.query<{ call: string }>(
      `select call_id as call from ledger_entries where budget_id = $1 and kind = 'settle' and slice_id <> '' and not is_assumed limit 1`,
      [money],
    );
    call = rows[0]?.call ?? '';
  });

  /** The process still tells what it holds of slices: of them and of periods only the sums are put back. */
  async function restore(): Promise<void> {
    await database.query('delete from ledger_entries; insert into ledger_entries select * from right_ledger_entries');
    await database.query('update budget_slices s set settled = r.settled from right_budget_slices r where r.id = s.id');
    await database.query(
      'update budget_periods p set settled = r.settled from right_budget_periods r where r.budget_id = p.budget_id and r.starts_at = p.starts_at',
    );
  }

  const ofACall = 'budget_id = $1 and call_id = $2';

  function change(sql: string): Promise<pg.QueryResult<{ amount: string }>> {
    return database.query(sql, sql.includes('$2') ? [money, call] : [money]);
  }

  it.each<[string, string, string[]]>([
    [
      'more reserved than became of it',
      `update ledger_entries set amount = amount + 1 where kind = 'reserve' and ${ofACall}`,
      ['unbalanced'],
    ],
    [
      'an entry twice',
      `insert into ledger_entries select tenant_id, call_id, budget_id, kind, 2, starts_at, slice_id, at, amount, currency, tokens, is_assumed from ledger_entries where kind = 'release' and ${ofACall}`,
      ['unbalanced'],
    ],
    ['a call without a usage record', `update ledger_entries set call_id = 'use_lost' where ${ofACall}`, ['unrecorded']],
    ['another time than the record has', `update ledger_entries set at = at + interval '1 ms' where ${ofACall}`, ['unrecorded']],
    [
      'other tokens than the record has',
      `update ledger_entries set tokens = tokens + 1 where kind = 'settle' and ${ofACall}`,
      ['tokens'],
    ],
    [
      'a guess that the record knows better',
      `update ledger_entries set is_assumed = true where kind = 'settle' and ${ofACall}`,
      ['assumed'],
    ],
    ['a charge in another currency', `update ledger_entries set currency = 'EUR' where ${ofACall}`, ['amount', 'assumed']],
    [
      'an entry in another period',
      `update ledger_entries set starts_at = starts_at - interval '1 day' where kind = 'settle' and ${ofACall}`,
      ['amount', 'period', 'unbalanced'],
    ],
    [
      'a settlement that is lost',
      `delete from ledger_entries where kind = 'settle' and ${ofACall}`,
      ['amount', 'period', 'slice', 'unbalanced'],
    ],
    ['a call that is lost', `delete from ledger_entries where ${ofACall}`, ['period', 'slice']],
    ['a period that counts otherwise', `update budget_periods set settled = settled + 1 where budget_id = $1`, ['period']],
    ['a slice that counts otherwise', `update budget_slices set settled = settled - 1 where budget_id = $1`, ['slice']],
  ])('finds %s', async (_case, sql, expected) => {
    const { rowCount } = await change(sql);
    expect(rowCount).toBeGreaterThan(0);
    const check = await checked();
    await restore();
    expect([check.ok, what(check)]).toEqual([false, expected]);
    expect(check.fault_count).toBe(check.faults.length);
    for (const fault of check.faults) expect(fault.budget).toBe(money);
    expect((await checked()).ok).toBe(true);
  });

  it('finds a charge that was not taken, by what it is and should be', async () => {
    await change(
      `update ledger_entries set amount = amount + case kind when 'settle' then 1 else -1 end
        where kind in ('settle', 'release') and ${ofACall}`,
    );
    const check = await checked();
    const told = await gt('ledger', 'check', '--tenant', 'acme');
    await restore();
    expect(what(check)).toEqual(['amount', 'period', 'slice']);
    const { expected, found } = check.faults.find((fault) => fault.call === call) ?? {};
    expect(found).toBe((expected ?? 0) + 1);
    expect([told.code, told.out]).toEqual([1, expect.stringMatching(/FAULTS[^]*\nThe ledger is wrong: 3 faults /)]);
  });

  it('finds a reservation that was given back although the call has an end', async () => {
    await change(`delete from ledger_entries where kind <> 'reserve' and ${ofACall}`);
    await change(
      `insert into ledger_entries select tenant_id, call_id, budget_id, 'release', 1, starts_at, slice_id, at, amount, currency, 0, false
         from ledger_entries where ${ofACall}`,
    );
    const check = await checked();
    await restore();
    expect(what(check)).toEqual(['amount', 'period', 'slice']);
    expect(check.faults).toContainEqual(expect.objectContaining({ what: 'amount', call, found: null }));
  });

  it('goes on holding the entries of deleted budgets against the calls', async () => {
    expect((await admin('DELETE', `/budgets/${money}?tenant=acme`)).status).toBe(200);
    const check = await checked();
    expect([check.ok, check.period_count]).toEqual([true, 3]);
    expect(check.budgets.find(({ budget }) => budget === money)).toMatchObject({
      deleted: true,
      amount: null,
      overdrawn: 0,
      open: 0,
    });
    await change(`update ledger_entries set tokens = tokens + 1 where kind = 'settle' and ${ofACall}`);
    expect(what(await checked())).toEqual(['tokens']);
  });
});
