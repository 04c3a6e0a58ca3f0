import { Injectable } from '@nestjs/common';
import type { ListAdminUsageQuery, ListUsageQuery, UsageGroupsQuery } from '../../contracts/usage.js';
import { AppError } from '../../kernel/app-error.js';
import { isInvalidParameter } from '../../platform/database/prisma-errors.js';
import { KeyTouches } from './key-touches.js';
import { callsByHour, firstOfHours, type KeyHours } from './key-hours.js';
import type { UsageGroupPage } from './usage-groups.js';
import type { UsageFilter } from './usage-filter.js';
import { UsageRepository, type UsagePage, type UsageRecord } from './usage.repository.js';

/** What keys and tenants used. */
@Injectable()
export class UsageService {
  constructor(
    private readonly repository: UsageRepository,
    private readonly touches: KeyTouches,
  ) {}

  /**
   * Remembers that a key used a route, and what it named there, in a call that reaches no provider: such calls are
   * counted by their usage record. Written with the next drain; a kill -9 loses the last half second of it.
   */
  touch(tenantId: string, keyId: string, route?: string, endpoint?: string, dataset?: string): void {
    this.touches.add({ tenantId, keyId, route, endpoint, dataset }, Date.now());
  }

  /** One key's own calls. @throws AppError invalid_value for a cursor that is none of them. */
  async listOfKey(tenantId: string, keyId: string, query: ListUsageQuery): Promise<UsagePage> {
    return this.list(tenantId, { keyId }, query);
  }

  /** A tenant's calls. @throws AppError invalid_value for a cursor that is none of them. */
  async listOfTenant(tenantId: string, query: ListAdminUsageQuery): Promise<UsagePage> {
    const { key: keyId, endpoint, route, state } = query;
    return this.list(tenantId, { keyId, endpoint, route, state }, query);
  }

  /** A tenant's calls, put together. @throws AppError invalid_value for a time zone that the database does not know. */
  async groupsOfTenant(tenantId: string, query: UsageGroupsQuery): Promise<UsageGroupPage> {
    const { key: keyId, endpoint, route, state, by, time_zone: timeZone } = query;
    const filter = { keyId, endpoint, route, state, sinceMs: milliseconds(query.since), untilMs: milliseconds(query.until) };
    try {
      return await this.repository.groups(tenantId, filter, { by, timeZone }, query);
    } catch (error) {
      if (!isInvalidParameter(error)) throw error;
      throw new AppError('invalid_value', {
        cause: error,
        param: 'time_zone',
        message: `The database does not know the time zone '${timeZone}'.`,
      });
    }
  }

  /** How many calls each of the keys made in each of the last hours in UTC, the running one last, by their ids. */
  async hoursOfKeys(tenantId: string, keyIds: readonly string[], hours: number): Promise<KeyHours> {
    const sinceMs = firstOfHours(hours, Date.now());
    const rows = keyIds.length === 0 ? [] : await this.repository.hoursOfKeys(tenantId, keyIds, sinceMs);
    return { sinceMs, calls: callsByHour(rows, keyIds, sinceMs, hours) };
  }

  /** Calls by the ids of their records, as far as they are there, in the order of their ids. */
  async callsOf(tenantId: string, ids: readonly string[]): Promise<UsageRecord[]> {
    return ids.length === 0 ? [] : this.repository.byIds(tenantId, ids);
  }

  private async list(tenantId: string, narrowed: UsageFilter, query: ListUsageQuery): Promise<UsagePage> {
    const filter = { ...narrowed, sinceMs: milliseconds(query.since), untilMs: milliseconds(query.until) };
    const page = await this.repository.list(tenantId, filter, query);
    if (page !== undefined) return page;
    const param = query.after === undefined ? 'before' : 'after';
    throw new AppError('invalid_value', { param, message: `No usage record of this list has the id given in '${param}'.` });
  }
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}
