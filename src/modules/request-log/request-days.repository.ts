import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../platform/database/platform-database.js';
import { makeDay } from './request-writer.repository.js';

/** The partitions of the request log, of a day (UTC) each. Days are counted from 1970. */
@Injectable()
export class RequestDaysRepository {
  constructor(private readonly database: PlatformDatabase) {}

  /** False when it is there. */
  make(day: number): Promise<boolean> {
    return this.database.runSql((client) => makeDay(client, day));
  }

  /**
   * Drops the oldest one from before a day; false when there is none.
   * @throws Error of the database when others read the log for a second.
   */
  dropBefore(moment: Date): Promise<boolean> {
    return this.database.runSql(async (client) => {
      const { rows } = await client.query<{ name: string | null }>('select gt_drop_request_day($1::date) as name', [
        moment.toISOString().slice(0, 10),
      ]);
      return rows[0]?.name != null;
    });
  }
}
