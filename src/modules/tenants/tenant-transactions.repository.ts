import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../platform/database/platform-database.js';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';
import type { Actor } from '../../catalog/admin/admin-identity.js';

/** Opens the transactions in which tenants themselves are read and changed. */
@Injectable()
export class TenantTransactions {
  constructor(
    private readonly platform: PlatformDatabase,
    private readonly database: TenantDatabase,
  ) {}

  /** For operators: creates and deletes tenants, lists them, sets hosts. */
  async ofPlatform<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.platform.run(work);
  }

  /** An operator's may set hosts; a member's sees and changes the own tenant alone. */
  async of<T>(actor: Actor, work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return actor.role === 'operator' ? this.platform.run(work) : this.database.run(actor.tenantId, work);
  }
}
