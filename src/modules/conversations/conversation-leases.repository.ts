import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../platform/database/tenant-database.js';

/** What became of asking for a conversation's lease. */
export type LeaseAnswer = 'taken' | 'busy' | 'absent';

/** The lease of a conversation: who alone may write to it, and until when. The database's clock counts. */
@Injectable()
export class ConversationLeasesRepository {
  /** Takes a lease that is free or has run out. */
  async take(tx: Transaction, tenantId: string, id: string, owner: string, leaseMs: number): Promise<LeaseAnswer> {
    const taken = await tx.$executeRaw`
      update conversations set lease_owner = ${owner}, lease_until = clock_timestamp() + make_interval(secs => ${leaseMs / 1000})
       where tenant_id = ${tenantId} and id = ${id} and (lease_owner is null or lease_until <= clock_timestamp())`;
    return taken > 0 ? 'taken' : this.others(tx, tenantId, id);
  }

  /** Lets the lease last for `leaseMs` from now. @returns false when it is another's by now. */
  async extend(tx: Transaction, tenantId: string, id: string, owner: string, leaseMs: number): Promise<boolean> {
    const extended = await tx.$executeRaw`
      update conversations set lease_until = clock_timestamp() + make_interval(secs => ${leaseMs / 1000})
       where tenant_id = ${tenantId} and id = ${id} and lease_owner = ${owner}`;
    return extended > 0;
  }

  /** Gives the lease back; another's is left alone. */
  async release(tx: Transaction, tenantId: string, id: string, owner: string): Promise<void> {
    await tx.$executeRaw`
      update conversations set lease_owner = null, lease_until = null
       where tenant_id = ${tenantId} and id = ${id} and lease_owner = ${owner}`;
  }

  /**
   * Ends the lease and makes room for items. The owner's name is the fence: once somebody else took a lease that had run
   * out, there is no room for the former owner.
   * @returns the first position, or undefined when the lease is another's or the conversation is gone.
   */
  async commit(tx: Transaction, tenantId: string, id: string, owner: string, count: number): Promise<bigint | undefined> {
    const rows = await tx.$queryRaw<{ first: bigint }[]>`
      update conversations
         set next_position = next_position + ${count}, lease_owner = null, lease_until = null, updated_at = clock_timestamp()
       where tenant_id = ${tenantId} and id = ${id} and lease_owner = ${owner}
      returning next_position - ${count} as first`;
    return rows[0]?.first;
  }

  /** Makes room for items without a lease, where nobody holds one. @returns the first position. */
  async append(tx: Transaction, tenantId: string, id: string, count: number): Promise<bigint | Exclude<LeaseAnswer, 'taken'>> {
    const rows = await tx.$queryRaw<{ first: bigint }[]>`
      update conversations
         set next_position = next_position + ${count}, lease_owner = null, lease_until = null, updated_at = clock_timestamp()
       where tenant_id = ${tenantId} and id = ${id} and (lease_owner is null or lease_until <= clock_timestamp())
      returning next_position - ${count} as first`;
    return rows[0]?.first ?? this.others(tx, tenantId, id);
  }

  private async others(tx: Transaction, tenantId: string, id: string): Promise<'busy' | 'absent'> {
    return (await tx.conversation.count({ where: { tenantId, id } })) > 0 ? 'busy' : 'absent';
  }
}
