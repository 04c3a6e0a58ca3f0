import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../platform/database/platform-database.js';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';

/** Below the two minutes that clients wait in silence. Five thousand keys take some seconds, on a busy machine half a minute. */
const applyLimitMs = 110_000;

/** Any number; it only has to differ from the other advisory locks of the platform. */
const applyLock = 72_707_371;

/** The transactions of an apply: one for each tenant, and applies to one tenant one after the other. */
@Injectable()
export class ApplyTransactions {
  constructor(
    private readonly platform: PlatformDatabase,
    private readonly database: TenantDatabase,
  ) {}

  /**
   * Runs `work` for the tenant of this slug. An operator's begins as the platform, which alone makes tenants and sets
   * their hosts; a member's sees the own tenant from the start.
   * @param ownTenantId a member's own tenant; null for operators.
   */
  async run<T>(ownTenantId: string | null, slug: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
    const locked = async (tx: Transaction): Promise<T> => {
      await tx.$queryRaw`select 1 as done from pg_advisory_xact_lock(${applyLock}::int, hashtext(${slug}))`;
      return work(tx);
    };
    return ownTenantId === null ? this.platform.run(locked, applyLimitMs) : this.database.run(ownTenantId, locked, applyLimitMs);
  }

  /** The tenant of this slug, as far as the transaction can see. */
  async findTenantId(tx: Transaction, slug: string): Promise<string | undefined> {
    return (await tx.tenant.findUnique({ where: { slug }, select: { id: true } }))?.id;
  }

  /** From here on the transaction sees and writes this tenant's rows alone. */
  async enter(tx: Transaction, tenantId: string): Promise<void> {
    await tx.$queryRaw`select set_config('role', 'gt_app', true), set_config('gt.tenant_id', ${tenantId}, true)`;
  }
}
