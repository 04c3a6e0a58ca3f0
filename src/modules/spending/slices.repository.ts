import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../platform/database/platform-database.js';

/** What processes hold of budgets, when they hold it no more. */
@Injectable()
export class SlicesRepository {
  constructor(private readonly database: PlatformDatabase) {}

  /**
   * Closes all slices of a process whose journal is in the database as a whole: what it did not spend is anybody's again. Each in a
   * transaction of its own, so that nobody who holds one waits for another. What the process has said before and is on its way
   * is not heard any more.
   */
  async closeOf(journal: string): Promise<void> {
    await this.database.runSql((client) => client.query('select gt_budget_over($1)', [journal]));
    for (const { tenant_id: tenantId, id } of await this.openOf(journal))
      await this.database.runSql((client) =>
        client.query(`update budget_slices set state = 'closed', free = 0, reserved = 0 where tenant_id = $1 and id = $2`, [
          tenantId,
          id,
        ]),
      );
  }

  private async openOf(journal: string): Promise<{ tenant_id: string; id: string }[]> {
    const { rows } = await this.database.runSql((client) =>
      client.query<{ tenant_id: string; id: string }>(
        `select tenant_id, id from budget_slices where journal = $1 and state <> 'closed'`,
        [journal],
      ),
    );
    return rows;
  }
}
