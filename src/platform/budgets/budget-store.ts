import pg from 'pg';
import { ownConnection } from '../database/own-connection.js';
import {
  givenUpMs,
  storeMs,
  type LeaseAnswers,
  type LeaseAsk,
  type LeaseStore,
  type LimitAnswer,
} from '../limits/limit-store.js';
import type { StoreClock } from './store-clock.js';

/** What one process says of one slice of a budget, and what it wants beyond. Amounts are micro-units or tokens. */
export interface BudgetAsk extends LeaseAsk {
  readonly tenantId: string;
  readonly budgetId: string;
  /** The period, in milliseconds since 1970; null: it has no end. */
  readonly startsAtMs: number;
  readonly endsAtMs: number | null;
  readonly sliceId: string;
  /** Each ask of a slice has a higher one: the store passes over what comes late. */
  readonly turn: number;
  /** Parts of `have`: what is free, and what is reserved for calls that run. The rest was spent. */
  readonly free: number;
  readonly reserved: number;
}

export interface BudgetAnswer extends LimitAnswer {
  /** What there is when all that is reserved is given back. */
  readonly later: number;
  /** Somebody took the process for dead and closed the slice: what was free of it is anybody's. What runs is reserved again. */
  readonly isGone: boolean;
}

type Row = readonly [
  granted: number,
  fits: number,
  left: number,
  isShort: boolean,
  waitMs: number,
  later: number,
  isGone: boolean,
];

const asPlatform = `set local role gt_platform; set local statement_timeout = ${storeMs};`;

/**
 * What is left of budgets, in Postgres alone: what was granted must never be forgotten. It has a connection of its own: however
 * busy the others are, a budget is told at once.
 */
export class BudgetStore implements LeaseStore<BudgetAsk, BudgetAnswer> {
  private readonly pool: pg.Pool;

  constructor(
    databaseUrl: string,
    private readonly clock: StoreClock,
  ) {
    this.pool = ownConnection(databaseUrl, 'gt-budgets', givenUpMs);
  }

  /** @param process the folder of the process's journal. */
  async exchange(process: string, asks: readonly BudgetAsk[]): Promise<LeaseAnswers<BudgetAnswer>> {
    const given = asks.map(({ tenantId, budgetId, startsAtMs, endsAtMs, sliceId, ...ask }) => ({
      ...{ tenant: tenantId, budget: budgetId, start: startsAtMs, end: endsAtMs, slice: sliceId },
      ...ask,
    }));
    const literal = (text: string): string => pg.escapeLiteral(text);
    // One message, and two transactions: that the process lives must not wait for what others lock.
    const results = (await this.pool.query(
      `begin; ${asPlatform} select gt_budget_process(${literal(process)}) as now; commit;
       begin; ${asPlatform} select gt_budget_exchange(${literal(process)}, ${literal(JSON.stringify(given))}) as answers; commit`,
    )) as unknown as readonly pg.QueryResult<{ now?: number; answers?: Record<string, Row> }>[];
    const rows = results.flatMap(({ rows: some }) => some);
    const now = rows.find((row) => row.now !== undefined)?.now;
    const answers = rows.find((row) => row.answers !== undefined)?.answers;
    if (now === undefined || answers === undefined) throw new Error('Postgres gave no answer.');
    this.clock.heard(now);
    return { answers: asks.map(({ sliceId }) => answerOf(answers[sliceId])), processes: 1 };
  }

  /** What a process holds stands in its journal; it is closed when that is over. */
  async leave(): Promise<void> {
    // Nothing is to be told.
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}

function answerOf(row: Row | undefined): BudgetAnswer {
  if (row === undefined) throw new Error('Postgres left an ask without an answer.');
  const [granted, fits, left, isShort, waitMs, later, isGone] = row;
  return { granted, fits, left, isShort, waitMs, later, isGone };
}
