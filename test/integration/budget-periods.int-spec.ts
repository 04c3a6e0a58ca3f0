import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import pg from 'pg';
import { budgetWindows, type BudgetWindow } from '../../src/contracts/budgets.js';
import { periodOf } from '../../src/modules/budgets/budget-period.js';
import { testServerUrl } from '../support/postgres.js';

/** Clocks change at midnight, over midnight, by half an hour, by a whole day, or never. */
const zones = [
  ...['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Asia/Tokyo', 'Pacific/Auckland', 'Pacific/Kiritimati'],
  ...['America/Sao_Paulo', 'America/Havana', 'America/St_Johns', 'Asia/Beirut', 'Atlantic/Azores', 'Australia/Lord_Howe'],
  ...['Pacific/Apia', 'America/Santiago', 'Africa/Casablanca', 'Asia/Gaza', 'Asia/Pyongyang'],
];
const hourMs = 3_600_000;
const firstMs = Date.UTC(2005, 0);
const lastMs = Date.UTC(2024, 0);
const windows = fc.constantFrom(...budgetWindows.filter((window) => window !== 'total'));

interface Asked {
  readonly window: BudgetWindow;
  readonly zone: string;
  readonly atMs: number;
}

/** PostgreSQL takes the later one of two moments at which clocks show the same; a period begins at the first. */
const firstAtSql = `
  create function pg_temp.first_at(shown timestamp, zone text) returns timestamptz language sql stable as $$
    select min(moment) from (select (shown at time zone zone) - back * interval '30 minutes' as moment, back from generate_series(0, 4) back) tried
     where back = 0 or moment at time zone zone = shown $$`;
const periodsSql = `
  with asked as (
    select to_timestamp(at_ms / 1000) as at, ('1 ' || span)::interval as length, zone, no,
           date_trunc(span, to_timestamp(at_ms / 1000) at time zone zone) as shown
      from unnest($1::float8[], $2::text[], $3::text[]) with ordinality as asked (at_ms, span, zone, no)),
  begun as (
    select zone, length, no, case when pg_temp.first_at(shown + length, zone) <= at then shown + length else shown end as shown from asked)
  select extract(epoch from pg_temp.first_at(shown, zone)) * 1000 as "from",
         extract(epoch from pg_temp.first_at(shown + length, zone)) * 1000 as "to"
    from begun order by no`;
/** The days in which clocks change. */
const changesSql = `
  select zone, extract(epoch from day) * 1000 as "fromMs"
    from unnest($1::text[]) zone, generate_series(to_timestamp($2::float8 / 1000), to_timestamp($3::float8 / 1000), interval '1 day') day
   where (day at time zone zone) + interval '1 day' <> (day + interval '1 day') at time zone zone`;

let client: pg.Client;
beforeAll(async () => {
  client = new pg.Client({ connectionString: await testServerUrl() });
  await client.connect();
  await client.query("set time zone 'UTC'");
  await client.query(firstAtSql);
});
afterAll(() => client.end());

async function periodsOf(asked: readonly Asked[]) {
  const columns = [asked.map(({ atMs }) => atMs), asked.map(({ window }) => window), asked.map(({ zone }) => zone)];
  const { rows } = await client.query<{ from: string; to: string }>(periodsSql, columns);
  return rows.map(({ from, to }) => ({ startsAtMs: Number(from), endsAtMs: Number(to) }));
}

async function expectSame(asked: readonly Asked[]): Promise<void> {
  const theirs = await periodsOf(asked);
  const ours = asked.map(({ window, zone, atMs }) => periodOf(window, zone, atMs));
  expect(asked.map((one, index) => ({ ...one, ...ours[index] }))).toEqual(
    asked.map((one, index) => ({ ...one, ...theirs[index] })),
  );
}

describe('the period of a budget', () => {
  const anywhere = fc.record({
    window: windows,
    zone: fc.constantFrom(...zones),
    atMs: fc.integer({ min: firstMs, max: lastMs }),
  });

  it('is the day, the week from Monday or the month as PostgreSQL reads the time zone', async () => {
    await expectSame(fc.sample(anywhere, 2000));
  });

  it('is so around each change of the clocks', async () => {
    const { rows } = await client.query<{ zone: string; fromMs: string }>(changesSql, [zones, firstMs, lastMs]);
    expect(new Set(rows.map(({ zone }) => zone)).size).toBeGreaterThan(12);
    const around = fc.record({ window: windows, hours: fc.integer({ min: -100, max: 196 }) });
    const asked = rows.flatMap(({ zone, fromMs }) =>
      fc.sample(around, 8).map(({ window, hours }) => ({ window, zone, atMs: Number(fromMs) + (hours / 4) * hourMs })),
    );
    await expectSame(asked);
  });

  it('is the new one where clocks go back from after midnight and show the day before once more', async () => {
    const at = (hour: number, minute: number) => ({ zone: 'America/St_Johns', atMs: Date.UTC(2005, 9, 30, hour, minute) });
    const asked = [at(2, 29), at(2, 30), at(2, 31), at(2, 45), at(3, 30), at(4, 0)].map((one) => ({
      ...one,
      window: 'day' as const,
    }));
    await expectSame(asked);
    expect(asked.map(({ atMs }) => new Date(periodOf('day', 'America/St_Johns', atMs).startsAtMs).getUTCDate())).toEqual([
      ...[29, 30, 30, 30, 30, 30],
    ]);
  });

  it('has each moment, begins where the one before ends, and is the same for all moments in it', () => {
    fc.assert(
      fc.property(anywhere, fc.double({ min: 0, max: 1, noNaN: true }), ({ window, zone, atMs }, part) => {
        const { startsAtMs, endsAtMs } = periodOf(window, zone, atMs);
        const lengthMs = (endsAtMs ?? 0) - startsAtMs;
        expect([startsAtMs <= atMs, atMs < startsAtMs + lengthMs]).toEqual([true, true]);
        expect(periodOf(window, zone, startsAtMs - 1).endsAtMs).toBe(startsAtMs);
        expect(periodOf(window, zone, startsAtMs + Math.floor(part * (lengthMs - 1)))).toEqual({ startsAtMs, endsAtMs });
      }),
    );
  });

  it('has no end where the budget is for good', () => {
    expect(periodOf('total', 'Asia/Tokyo', lastMs)).toEqual({ startsAtMs: 0, endsAtMs: null });
  });

  it('is that of no other time zone where the name is not known', () => {
    for (const zone of ['Mars/Olympus', 'local', '']) expect(() => periodOf('day', zone, lastMs)).toThrow(RangeError);
  });
});
