import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../platform/database/platform-database.js';

/**
 * Rows are found from the oldest on, and the search ends at the first young one: the feed's numbers follow the time of
 * writing closely enough.
 */
const deleteChanges = `
  with oldest as materialized (select seq, at from change_feed order by seq limit $2)
  delete from change_feed where seq in (select seq from oldest where at < now() - make_interval(secs => $1))`;

const deletePassageChanges = `
  delete from passage_changes where (tenant_id, target_id, transaction, file_id, ingestion_id) in
    (select tenant_id, target_id, transaction, file_id, ingestion_id from passage_changes where at < now() - make_interval(secs => $1) limit $2)`;

/** A secret whose overlap is over counts as unknown already; its row only takes room. */
const deleteSecrets = `
  delete from key_secrets where (tenant_id, id) in (select tenant_id, id from key_secrets where expires_at <= now() limit $1)`;

/** Looked at once more when it is deleted: an expired key may just have been taken by a new request. */
const deleteIdempotent = `
  delete from idempotent_requests
   where (tenant_id, key_id, id) in (select tenant_id, key_id, id from idempotent_requests where expires_at <= now() limit $1) and expires_at <= now()`;

const deleteResponses = `
  delete from responses where (tenant_id, id) in (select tenant_id, id from responses where expires_at <= now() limit $1)`;

/** Items of a chain live on with the last response that goes on with them. */
const deleteResponseItems = `
  delete from response_items
   where (tenant_id, id) in (select tenant_id, id from response_items where expires_at <= now() limit $1) and expires_at <= now()`;

/** Looked at once more when it is deleted: an expired row may just have been taken by another answer. */
const deleteThoughts = `
  delete from kept_thoughts
   where (tenant_id, key_id, id) in (select tenant_id, key_id, id from kept_thoughts where expires_at <= now() limit $1) and expires_at <= now()`;

/** Of processes that live no more, or have nothing to tell of the connection. */
const deleteHealth = `
  delete from connection_health where (tenant_id, id, process) in
    (select tenant_id, id, process from connection_health where written_at < now() - interval '10 minutes' limit $1)`;

/** Limits that nobody has asked for, those of deleted keys among them. Whoever asks again finds a full one. */
const deleteLimits = `
  delete from limit_buckets
   where id in (select id from limit_buckets where filled_at < extract(epoch from now()) * 1000 - $1 limit $2)
     and filled_at < extract(epoch from now()) * 1000 - $1`;

const deleteSessions = `
  delete from sessions where (tenant_id, id) in (select tenant_id, id from sessions
    where expires_at <= now() or last_seen_at <= now() - make_interval(secs => $1) limit $2)`;

const deleteOperatorSessions = `
  delete from operator_sessions where id in (select id from operator_sessions
    where expires_at <= now() or last_seen_at <= now() - make_interval(secs => $1) limit $2)`;

const deleteLinks = `
  delete from member_links where (tenant_id, id) in (select tenant_id, id from member_links where expires_at <= now() limit $1)`;

/** A report is older than any that would be taken again. */
const deleteReports = `
  delete from leak_reports where digest in (select digest from leak_reports where received_at < now() - interval '400 days' limit $1)`;

/** Looked at once more when it is deleted: a new try may just have begun it anew. */
const deleteTries = `
  delete from sign_in_failures
   where (tenant_id, account) in (select tenant_id, account from sign_in_failures where ends_at <= now() limit $1) and ends_at <= now()`;

/** Deletes what has expired, of all tenants at once, in batches that keep no lock for long. */
@Injectable()
export class SweepRepository {
  constructor(private readonly database: PlatformDatabase) {}

  /** Deletes up to `limit` rows of the change feed that are older than `ageSeconds`; returns how many. */
  async deleteChanges(ageSeconds: number, limit: number): Promise<number> {
    return this.delete(deleteChanges, [ageSeconds, limit]);
  }

  /** Deletes up to `limit` changes of passages that are older than `ageSeconds`; returns how many. */
  async deletePassageChanges(ageSeconds: number, limit: number): Promise<number> {
    return this.delete(deletePassageChanges, [ageSeconds, limit]);
  }

  /** Deletes up to `limit` secrets that a rotation has ended; returns how many. */
  async deleteEndedSecrets(limit: number): Promise<number> {
    return this.delete(deleteSecrets, [limit]);
  }

  /** Deletes up to `limit` answers kept for an Idempotency-Key whose time is over; returns how many. */
  async deleteIdempotentRequests(limit: number): Promise<number> {
    return this.delete(deleteIdempotent, [limit]);
  }

  /** Deletes up to `limit` sessions of members that have ended by time or were not used for so many seconds; returns how many. */
  async deleteSessions(idleSeconds: number, limit: number): Promise<number> {
    return this.delete(deleteSessions, [idleSeconds, limit]);
  }

  /** The same for operators' sessions. */
  async deleteOperatorSessions(idleSeconds: number, limit: number): Promise<number> {
    return this.delete(deleteOperatorSessions, [idleSeconds, limit]);
  }

  /** Deletes up to `limit` links of members whose time is over; returns how many. */
  async deleteMemberLinks(limit: number): Promise<number> {
    return this.delete(deleteLinks, [limit]);
  }

  /** Deletes up to `limit` marks of old reports of leaked secrets; returns how many. */
  async deleteLeakReports(limit: number): Promise<number> {
    return this.delete(deleteReports, [limit]);
  }

  /** Deletes up to `limit` counts of tries to sign in whose window is over; returns how many. */
  async deleteSignInTries(limit: number): Promise<number> {
    return this.delete(deleteTries, [limit]);
  }

  /** Deletes up to `limit` responses whose time is over; returns how many. */
  async deleteResponses(limit: number): Promise<number> {
    return this.delete(deleteResponses, [limit]);
  }

  /** Deletes up to `limit` items that no response goes on with any more; returns how many. */
  async deleteResponseItems(limit: number): Promise<number> {
    return this.delete(deleteResponseItems, [limit]);
  }

  /** Deletes up to `limit` rows of what is kept with calls of tools whose day is over; returns how many. */
  async deleteKeptThoughts(limit: number): Promise<number> {
    return this.delete(deleteThoughts, [limit]);
  }

  /** Deletes up to `limit` rows of how connections fared; returns how many. */
  async deleteConnectionHealth(limit: number): Promise<number> {
    return this.delete(deleteHealth, [limit]);
  }

  /** Deletes what is left of up to `limit` limits that nobody has asked for in `ageMs`; returns how many. */
  async deleteUnusedLimits(ageMs: number, limit: number): Promise<number> {
    return this.delete(deleteLimits, [ageMs, limit]);
  }

  /** What processes held of budgets that were silent for ten minutes counts as spent; what nobody needs any more is deleted. */
  async sweepBudgets(): Promise<void> {
    await this.database.runSql((client) => client.query('select gt_budget_sweep()'));
  }

  private async delete(sql: string, values: readonly number[]): Promise<number> {
    return this.database.runSql(async (client) => (await client.query(sql, [...values])).rowCount ?? 0);
  }
}
