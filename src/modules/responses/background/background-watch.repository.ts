import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../../platform/database/platform-database.js';
import type { ResponsePlace, StreamPosition } from './background-record.js';
import type { WaitingResponse } from './background-jobs.js';
import { deadSeconds } from './background.repository.js';

/** A response without a job, perhaps, and how many open ones its tenant has. */
export interface LeftResponse extends WaitingResponse {
  readonly open: number;
}

/** A response whose run has died. */
export interface LostResponse extends ResponsePlace {
  readonly owner: string;
  readonly isSent: boolean;
}

const positions = `
  select tenant_id as "tenantId", id, state, last_number as "lastNumber" from background_responses
   where (tenant_id, id) in (select * from unnest($1::text[], $2::text[]))`;

const held = `select owner from background_responses where (tenant_id, id, owner) in (select * from unnest($1::text[], $2::text[], $3::text[]))`;

const beat = `
  update background_responses set beat_at = now()
   where (tenant_id, id, owner) in (select * from unnest($1::text[], $2::text[], $3::text[])) returning owner`;

/** Some of them may have a job all the same: a second one of the same id is dropped. */
const left = `
  select b.tenant_id as "tenantId", b.id, b.attempts, o.open
    from background_responses b
    join (select tenant_id, count(*)::int as open from background_responses where state in ('queued', 'running') group by tenant_id) o using (tenant_id)
   where b.state = 'queued' and ($2 or (b.enqueued_at is null and b.updated_at < now() - interval '2 seconds')
                                 or b.enqueued_at < now() - interval '60 seconds')
   order by b.enqueued_at nulls first, b.created_at limit $1`;

const markQueued = `
  update background_responses set enqueued_at = now()
   where (tenant_id, id) in (select * from unnest($1::text[], $2::text[])) and state = 'queued'`;

const lost = `
  select tenant_id as "tenantId", id, owner, sent_at is not null as "isSent" from background_responses
   where state = 'running' and beat_at < now() - make_interval(secs => ${deadSeconds}) limit $1`;

/** Asks after responses of all tenants in one statement each: for those who follow streams, for the runs, for the sweep. */
@Injectable()
export class BackgroundWatchRepository {
  constructor(private readonly database: PlatformDatabase) {}

  /** Where the streams of these are; those that are gone are left out. */
  async positions(places: readonly ResponsePlace[]): Promise<(ResponsePlace & StreamPosition)[]> {
    return this.query(positions, placesOf(places));
  }

  /** Which of these runs still have their responses; with `alive` they are noted to live. */
  async held(runs: readonly (ResponsePlace & { readonly owner: string })[], alive: boolean): Promise<Set<string>> {
    const rows = await this.query<{ owner: string }>(alive ? beat : held, [...placesOf(runs), runs.map(({ owner }) => owner)]);
    return new Set(rows.map(({ owner }) => owner));
  }

  /** Up to `limit` responses that may have no job; with `all` every one that waits. */
  async left(limit: number, all: boolean): Promise<LeftResponse[]> {
    return this.query(left, [limit, all]);
  }

  async markQueued(places: readonly ResponsePlace[]): Promise<void> {
    await this.query(markQueued, placesOf(places));
  }

  /** Up to `limit` responses whose run has died. */
  async lost(limit: number): Promise<LostResponse[]> {
    return this.query(lost, [limit]);
  }

  private async query<Row extends object>(sql: string, values: unknown[]): Promise<Row[]> {
    return this.database.runSql(async (client) => (await client.query<Row>(sql, values)).rows);
  }
}

function placesOf(places: readonly ResponsePlace[]): unknown[] {
  return [places.map(({ tenantId }) => tenantId), places.map(({ id }) => id)];
}
