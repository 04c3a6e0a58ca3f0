import { Injectable } from '@nestjs/common';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { WebhookOutbox } from '../webhooks/webhook-outbox.js';
import { EndingKeysRepository, type EndingKey } from './ending-keys.repository.js';
import { keyEventOf } from './key-event.js';

/** So many days before its end, and at the end itself, a key's tenant is told of it. */
export const toldDays = [14, 3, 1, 0] as const;

const batchSize = 200;

/** Tells tenants of keys that end soon, or have ended. */
@Injectable()
export class EndingKeysService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly repository: EndingKeysRepository,
    private readonly outbox: WebhookOutbox,
  ) {}

  /** Tells of all that is due, until nothing is left or the signal fires. Twice at once, each is told once. */
  async tellAll(signal: AbortSignal): Promise<void> {
    for (;;) {
      const due = await this.repository.find(toldDays, batchSize);
      for (const key of due) {
        if (signal.aborted) return;
        await this.tell(key);
      }
      if (due.length < batchSize) return;
    }
  }

  private async tell(ending: EndingKey): Promise<void> {
    const { tenantId, days } = ending;
    await this.database.run(tenantId, async (transaction) => {
      const key = await this.repository.note(transaction, ending);
      if (key === undefined) return;
      const [event, object] =
        days === 0
          ? (['key.expired', keyEventOf(key)] as const)
          : (['key.expiring', keyEventOf(key, { days_left: days })] as const);
      await this.outbox.record(transaction, tenantId, event, () => Promise.resolve({ object }));
    });
  }
}
