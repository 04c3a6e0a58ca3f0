import { Injectable } from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';
import type { TailRequestsQuery } from '../../contracts/requests.js';
import { AppError } from '../../kernel/app-error.js';
import { Log } from '../../observability/log.js';
import { DatabaseAwayError } from '../../platform/database/database-away.js';
import { RequestLogRepository, type RequestRecord } from './request-log.repository.js';

/** So many tails a process has at a time, of one tenant and in all. */
const mostOfTenant = 5;
const most = 50;
const pollMs = 400;
/** Rows are visible when their batch is committed, at the latest so long after the time that they say. */
const lateMs = 6_000;
/** So many rows are told at a time. */
const mostAtOnce = 1_000;

/** Who hears of calls as they are logged. */
export interface TailListener {
  /** Whether it may still; asked before each look at the log. */
  mayRead(): Promise<AppError | undefined>;
  /** The process stops. */
  isOver(): boolean;
  /** It has not read what it was told: nothing more is told now. */
  isFull(): boolean;
  tell(record: RequestRecord): void;
  /** So many rows were not told. */
  skip(count: number): void;
  /** Nothing more is told. @param error why; undefined when the process stops. */
  end(error: AppError | undefined): void;
}

/** A tail's place among those of the process. */
export interface TailPlace {
  /** Tells of rows that are written from now on, of all processes, until the listener is ended or leaves. */
  follow(filter: TailRequestsQuery, listener: TailListener): Promise<void>;
  /** Gives the place back; nothing is told any more. */
  leave(): void;
}

/** The live tails of request logs. They read what the drains of all processes have written, a moment later. */
@Injectable()
export class RequestTails {
  private readonly open = new Map<string, number>();

  constructor(
    private readonly repository: RequestLogRepository,
    private readonly log: Log,
  ) {}

  /** @throws AppError rate_limit_exceeded where there are too many. */
  place(tenantId: string): TailPlace {
    const own = this.open.get(tenantId) ?? 0;
    const all = [...this.open.values()].reduce((sum, count) => sum + count, 0);
    if (own >= mostOfTenant || all >= most) throw tooMany();
    this.open.set(tenantId, own + 1);
    const gone = new AbortController();
    return {
      follow: (filter, listener) => this.follow(tenantId, filter, listener, gone.signal),
      leave: () => {
        if (gone.signal.aborted) return;
        gone.abort();
        const left = (this.open.get(tenantId) ?? 1) - 1;
        if (left === 0) this.open.delete(tenantId);
        else this.open.set(tenantId, left);
      },
    };
  }

  private async follow(tenantId: string, filter: TailRequestsQuery, listener: TailListener, gone: AbortSignal): Promise<void> {
    const tail = new Tail(this.repository, tenantId, filter, listener);
    while (!gone.aborted) {
      const refusal = await listener.mayRead();
      if (gone.aborted) return;
      if (refusal !== undefined || listener.isOver()) return listener.end(refusal);
      try {
        if (!listener.isFull()) await tail.read();
      } catch (error) {
        // The database may be back before whoever reads may not any longer.
        if (!(error instanceof DatabaseAwayError)) this.log.failure(error, { tenant_id: tenantId });
      }
      await pause(pollMs, undefined, { ref: false });
    }
  }
}

/** Where one tail stands. */
class Tail {
  /** Nothing that was written before is told, in milliseconds of the database's time; undefined before the first look. */
  private from: number | undefined;
  private since = new Date(0);
  /** Rows that were told, and may be read again, with the time that they say. */
  private readonly told = new Map<string, number>();

  constructor(
    private readonly repository: RequestLogRepository,
    private readonly tenantId: string,
    private readonly filter: TailRequestsQuery,
    private readonly listener: TailListener,
  ) {}

  async read(): Promise<void> {
    if (this.from === undefined) {
      this.since = await this.repository.now(this.tenantId);
      this.from = this.since.getTime();
      return;
    }
    const { at, rows, total } = await this.repository.latest(this.tenantId, this.filter, this.since, mostAtOnce);
    const read = new Set(rows.map(({ id }) => id));
    const others = [...this.told.keys()].filter((id) => !read.has(id)).length;
    const skipped = total - rows.length - others;
    if (skipped > 0) {
      this.listener.skip(skipped);
      // They are not read again.
      this.from = rows[0]?.loggedAt.getTime() ?? this.from;
    }
    for (const row of rows) {
      if (!this.told.has(row.id)) this.listener.tell(row);
      this.told.set(row.id, row.loggedAt.getTime());
    }
    this.since = new Date(Math.max(this.from, at.getTime() - lateMs));
    for (const [id, loggedMs] of this.told) if (loggedMs <= this.since.getTime()) this.told.delete(id);
  }
}

function tooMany(): AppError {
  const message = `A tenant has at most ${mostOfTenant} tails in a process, which has at most ${most}.`;
  return new AppError('rate_limit_exceeded', { message, headers: { 'retry-after': '10' } });
}
