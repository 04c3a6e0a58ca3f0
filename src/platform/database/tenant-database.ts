import { Injectable } from '@nestjs/common';
import { escapeLiteral, type PoolClient, type QueryResult } from 'pg';
import { ConnectionPool } from './connection-pool.js';
import { Prisma } from './generated/client.js';

/** A transaction of one tenant or of the platform. What it may see was set in the database session. */
export type Transaction = Prisma.TransactionClient;

/** What a transaction of Prisma and one in plain SQL have in common, for statements that run in both. */
export interface StatementTransaction {
  /** The rows of a statement. */
  $queryRaw<T = unknown>(statement: TemplateStringsArray, ...values: unknown[]): PromiseLike<T>;
  /** How many rows a statement has written. */
  $executeRaw(statement: TemplateStringsArray, ...values: unknown[]): PromiseLike<number>;
}

/**
 * A transaction of one tenant in plain SQL, for statements of many or large values, which Prisma looks at twice, and for what
 * runs so often that it counts that each statement costs three times as much with Prisma between.
 */
export interface PlainTransaction extends StatementTransaction {
  /** A buffer given for a text is its UTF-8. */
  query<Row>(sql: string, values: readonly unknown[]): Promise<Row[]>;
}

/**
 * The way to a tenant's rows. Every transaction opens by taking the role `gt_app` and naming the tenant, both local
 * to it: row-level security then shows that tenant's rows alone, even to a query that forgot to ask for them.
 */
@Injectable()
export class TenantDatabase {
  constructor(private readonly connections: ConnectionPool) {}

  /** How many transactions of tenants wait for a connection. */
  get waiting(): number {
    return this.connections.places.waiting;
  }

  /**
   * Runs `work` in one transaction that sees and writes only this tenant's rows. After `timeoutMs` the database itself
   * ends what is still running in it, so that nothing of a process that is gone keeps its locks.
   * @throws DatabaseAwayError.
   */
  async run<T>(tenantId: string, work: (transaction: Transaction) => Promise<T>, timeoutMs = 30_000): Promise<T> {
    const inTenant = async (transaction: Transaction): Promise<T> => {
      await transaction.$queryRaw`
        select set_config('role', 'gt_app', true), set_config('gt.tenant_id', ${tenantId}, true), set_config('gt.vector_stores', 'on', true),
               set_config('statement_timeout', ${String(timeoutMs)}, true),
               set_config('idle_in_transaction_session_timeout', ${String(timeoutMs)}, true)`;
      return work(transaction);
    };
    return this.connections.transaction(inTenant, timeoutMs, tenantId);
  }

  /** The same in plain SQL. @throws DatabaseAwayError. */
  runPlain<T>(tenantId: string, work: (transaction: PlainTransaction) => Promise<T>, timeoutMs = 30_000): Promise<T> {
    return this.connections.plain(
      `begin; ${inTenant(tenantId, timeoutMs)}`,
      (client) => work(plainTransaction(client)),
      tenantId,
    );
  }

  /**
   * Reads in plain SQL: all statements see the database at one moment, that of the first one.
   * @param table one that is read in partitions. Rows that move from one to another would be missed in both, so none is made meanwhile.
   * @throws DatabaseAwayError.
   */
  readAtOneMoment<T>(
    tenantId: string,
    table: 'usage_events' | 'audit',
    work: (transaction: PlainTransaction) => Promise<T>,
    timeoutMs = 30_000,
  ): Promise<T> {
    return this.connections.plain(
      `begin isolation level repeatable read read only; ${inTenant(tenantId, timeoutMs)}; lock table ${table} in access share mode`,
      (client) => work(plainTransaction(client)),
      tenantId,
    );
  }

  /**
   * Runs one statement in a transaction of its own that takes one round trip.
   * @param statement its values stand in its text, each as `literal` makes it.
   * @returns its rows. @throws DatabaseAwayError, which knows whether it was sent.
   */
  runAtOnce<Row>(tenantId: string, statement: (literal: (text: string) => string) => string, timeoutMs = 30_000): Promise<Row[]> {
    return this.connections.message<Row>(`${inTenant(tenantId, timeoutMs)}; ${statement(escapeLiteral)}`, tenantId);
  }
}

/** Statements that make a transaction one of the tenant. */
function inTenant(tenantId: string, timeoutMs: number): string {
  return `
    set local role gt_app; set local gt.tenant_id = ${escapeLiteral(tenantId)}; set local gt.vector_stores = 'on';
    set local statement_timeout = ${timeoutMs}; set local idle_in_transaction_session_timeout = ${timeoutMs}`;
}

function plainTransaction(client: PoolClient): PlainTransaction {
  const run = async (statement: TemplateStringsArray, values: unknown[]): Promise<QueryResult> => {
    const { text, values: parameters } = Prisma.sql(statement, ...values);
    return client.query(text, parameters);
  };
  return {
    query: async <Row>(sql: string, values: readonly unknown[]) => (await client.query(sql, [...values])).rows as Row[],
    $queryRaw: async <T>(statement: TemplateStringsArray, ...values: unknown[]) => (await run(statement, values)).rows as T,
    $executeRaw: async (statement, ...values) => (await run(statement, values)).rowCount ?? 0,
  };
}
