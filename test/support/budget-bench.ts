import pg from 'pg';
import { SlicesRepository } from '../../src/modules/spending/slices.repository.js';
import type { BudgetLimit } from '../../src/modules/spending/budget-limit.js';
import { claimsText, headOf } from '../../src/modules/spending/claims.js';
import { UsageDrainRepository } from '../../src/modules/usage/usage-drain.repository.js';
import { BudgetStore } from '../../src/platform/budgets/budget-store.js';
import { StoreClock } from '../../src/platform/budgets/store-clock.js';
import { ConnectionPool } from '../../src/platform/database/connection-pool.js';
import { PlatformDatabase } from '../../src/platform/database/platform-database.js';
import { beginText, interruptedRecord, type CallEnd, type CallRecord } from '../../src/platform/journal/call-record.js';
import { createMigratedDatabase } from './app.js';
import { endedRecord } from './ended-record.js';
import { ledgerFaults } from './ledger-faults.js';
import type { TestDatabase } from './postgres.js';

const hourMs = 3_600_000;
const firstMs = 1_790_000_000_000;

/** A call that was begun, and what a budget holds for it. */
export interface BegunCall {
  readonly id: string;
  readonly claims: string;
  readonly keyId?: string;
}

/** How a budget of a bench may differ from one of tokens that lasts for an hour yet. */
export type BudgetOptions = Partial<Pick<BudgetLimit, 'startsAtMs' | 'endsAtMs' | 'owner'>> & {
  readonly id?: string;
  readonly keyId?: string;
};

/** Budgets in a real database, and what processes do with them, without the processes. */
export class BudgetBench {
  private made = 0;

  private constructor(
    readonly database: TestDatabase,
    /** Of a superuser. */
    readonly client: pg.Client,
    private readonly connections: ConnectionPool,
  ) {}

  /** With a tenant `ten_a` that has the key `key_a`. */
  static async start(): Promise<BudgetBench> {
    const database = await createMigratedDatabase();
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query(`insert into tenants (id, slug, name, updated_at) values ('ten_a', 'ten_a', 'ten_a', now())`);
    const bench = new BudgetBench(database, client, new ConnectionPool({ DATABASE_URL: database.url, GT_DATABASE_POOL: 6 }));
    await bench.key('key_a');
    return bench;
  }

  async close(): Promise<void> {
    await this.client.end();
    await this.connections.close();
    await this.database.drop();
  }

  private async key(id: string): Promise<void> {
    await this.client.query(
      `insert into keys (tenant_id, id, name, purpose, scopes, updated_at) values ('ten_a', $1, $1, 'inference', '{}', now())
       on conflict do nothing`,
      [id],
    );
  }

  /** One way of a process to the store. */
  store(url = this.database.url): BudgetStore {
    return new BudgetStore(url, new StoreClock());
  }

  get drain(): UsageDrainRepository {
    return new UsageDrainRepository(new PlatformDatabase(this.connections));
  }

  get slices(): SlicesRepository {
    return new SlicesRepository(new PlatformDatabase(this.connections));
  }

  /** A new budget of tokens, and its period. */
  async budget(
    amount: number,
    { id = `bud_${(this.made += 1)}`, keyId = `key_of_${id}`, ...given }: BudgetOptions = {},
  ): Promise<BudgetLimit> {
    await this.key(keyId);
    await this.client.query(
      `insert into budgets (tenant_id, id, key_id, span, amount) values ('ten_a', $1, $2, 'day', $3)
       on conflict (tenant_id, id) do nothing`,
      [id, keyId, amount],
    );
    const now = Date.now();
    const { startsAtMs = now - hourMs, endsAtMs = now + hourMs, owner = 'key' } = given;
    return {
      ...{ id: `ten_a/${id}/${startsAtMs}`, tenantId: 'ten_a', budgetId: id, most: amount, epoch: 1 },
      ...{ owner, window: 'day', currency: null, startsAtMs, endsAtMs },
    };
  }

  async setAmount({ budgetId }: BudgetLimit, amount: number): Promise<void> {
    await this.client.query('update budgets set amount = $2 where id = $1', [budgetId, amount]);
  }

  newCall(): string {
    return `use_${(this.made += 1)}`;
  }

  begun(limit: BudgetLimit, sliceId: string | null, amount: number): BegunCall {
    return {
      id: `use_${(this.made += 1)}`,
      claims: claimsText([{ limit, lease: sliceId === null ? null : { claimHead: headOf(limit, sliceId) }, amount }]),
    };
  }

  /** The record of a call's end. */
  ended({ claims, ...call }: BegunCall, tokens: number, end: Partial<CallEnd> = {}): CallRecord {
    const took = { inputTokens: tokens, cachedInputTokens: 0, outputTokens: 0, reasoningTokens: 0, totalTokens: tokens };
    const how = { status: 200, state: 'completed', source: 'upstream', latencyMs: 1, firstTokenMs: null } as const;
    return endedRecord(beginOf(call), { ...how, ...took, ...end }, claims);
  }

  /** What whoever adopts a journal takes the call for. */
  guessed({ claims, ...call }: BegunCall): CallRecord {
    return interruptedRecord(beginOf(call), claims);
  }

  /** What the ledger has of a period. */
  async settled({ budgetId, startsAtMs }: BudgetLimit): Promise<number> {
    const { rows } = await this.client.query<{ settled: string }>(
      'select settled from budget_periods where budget_id = $1 and starts_at = to_timestamp($2::float8 / 1000)',
      [budgetId, startsAtMs],
    );
    return Number(rows[0]?.settled ?? 0);
  }

  /** What is taken out of a period beyond what the ledger has. */
  async open({ budgetId }: BudgetLimit): Promise<number> {
    const { rows } = await this.client.query<{ open: string }>(
      `select coalesce(sum(greatest(held - settled, 0)), 0) as open from budget_slices where budget_id = $1 and state <> 'closed'`,
      [budgetId],
    );
    return Number(rows[0]?.open);
  }

  /** Sentences about what does not agree. */
  faults(): Promise<string[]> {
    return ledgerFaults(this.client);
  }
}

function beginOf({ id, keyId = 'key_a' }: Pick<BegunCall, 'id' | 'keyId'>): string {
  return beginText({
    ...{ id, tenantId: 'ten_a', keyId, requestId: `req_${id}`, route: 'chat.completions.create' },
    ...{ endpoint: 'assistant', connectionId: 'con_a', model: 'big', stream: false, startedAtMs: firstMs },
  });
}
