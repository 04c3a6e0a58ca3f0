import pg from 'pg';
import { ownConnection } from '../database/own-connection.js';
import {
  givenUpMs,
  holdsMs,
  LimitStore,
  recallMs,
  storeMs,
  type LimitAnswer,
  type LimitAnswers,
  type LimitAsk,
} from './limit-store.js';

type Row = readonly [granted: number, fits: number, left: number, isShort: boolean, waitMs: number];

const asPlatform = `set local role gt_platform; set local synchronous_commit = off; set local statement_timeout = ${storeMs};`;

/**
 * Limits in Postgres, over a connection of its own: however busy the others are, a limit is told at once. What is left of a
 * limit waits for no disk: a crash of Postgres forgets less than a second of it.
 */
export class PostgresLimitStore extends LimitStore {
  private readonly pool: pg.Pool;

  constructor(databaseUrl: string) {
    super();
    this.pool = ownConnection(databaseUrl, 'gt-limits', givenUpMs);
  }

  async exchange(process: string, asks: readonly LimitAsk[]): Promise<LimitAnswers> {
    const given = asks.map((ask) => ({ ...ask, lasts_ms: holdsMs, recall_ms: recallMs }));
    const literal = (text: string): string => pg.escapeLiteral(text);
    // One message, which Postgres runs as one transaction.
    const results = (await this.pool.query(
      `${asPlatform}
       select gt_limit_process(${literal(process)}, ${holdsMs}) as processes, gt_limit_exchange(${literal(process)}, ${literal(JSON.stringify(given))}) as answers`,
    )) as unknown as readonly pg.QueryResult<{ processes: number; answers: Record<string, Row> }>[];
    const row = results.at(-1)?.rows[0];
    if (row === undefined) throw new Error('Postgres gave no answer.');
    return { answers: asks.map(({ id }) => answerOf(row.answers[id])), processes: row.processes };
  }

  async leave(process: string): Promise<void> {
    await this.pool.query(`${asPlatform} delete from limit_processes where id = ${pg.escapeLiteral(process)}`);
  }

  async forget(prefix: string): Promise<void> {
    await this.pool.query(`${asPlatform} delete from limit_buckets where starts_with(id, ${pg.escapeLiteral(prefix)})`);
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}

function answerOf(row: Row | undefined): LimitAnswer {
  if (row === undefined) throw new Error('Postgres left an ask without an answer.');
  const [granted, fits, left, isShort, waitMs] = row;
  return { granted, fits, left, isShort, waitMs };
}
