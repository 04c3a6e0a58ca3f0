import type { PlatformDatabase } from '../../../platform/database/platform-database.js';
import { found, well, type Check } from '../check.js';

/** Whether the request log has all calls of the last day. */
export async function checkRequestLog(database: PlatformDatabase, days: number): Promise<Check> {
  if (days === 0) return well('request log', 'it is switched off.');
  const { RequestDaysRepository } = await import('../../../modules/request-log/request-days.repository.js');
  const dropped = await new RequestDaysRepository(database).dropped();
  if (dropped.length === 0) return well('request log', `no row was left out in the last day; it is kept ${days} days.`);
  const told = dropped.map(({ reason, rows, lastAt }) => `${reason}: ${rows}, the last at ${lastAt.toISOString()}`);
  return found('request log', 'request-log-dropped', `${told.join('; ')}.`);
}
