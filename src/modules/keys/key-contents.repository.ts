import { Injectable } from '@nestjs/common';
import { AppError } from '../../kernel/app-error.js';
import type { Transaction } from '../../platform/database/tenant-database.js';

/** What belongs to a key and would be lost with it. */
export interface KeyContents {
  readonly conversations: number;
  readonly files: number;
}

/** Counts of one batch; nothing at all means that the work is done. */
export interface RemovedBatch extends KeyContents {
  /** Where the contents of the removed files lie. */
  readonly storageKeys: readonly string[];
}

/** The conversations and files of a key: counted, and removed or given to another key batch by batch. */
@Injectable()
export class KeyContentsRepository {
  /** Conversations of the key, and files that it uploaded or that are in its conversations; those of the tenant itself stay. */
  async count(tx: Transaction, tenantId: string, keyId: string): Promise<KeyContents> {
    const [row] = await this.countEach(tx, tenantId, [keyId]);
    return row ?? { conversations: 0, files: 0 };
  }

  /** The same of several keys; of those that have nothing there is no row. */
  async countEach(
    tx: Transaction,
    tenantId: string,
    keyIds: readonly string[],
  ): Promise<(KeyContents & { readonly id: string })[]> {
    return tx.$queryRaw`
      select * from unnest(${[...keyIds]}::text[]) as key (id) cross join lateral
        (select (select count(*)::int from conversations where tenant_id = ${tenantId} and key_id = key.id) as conversations,
                (select count(*)::int from files f where f.tenant_id = ${tenantId} and f.kind <> 'file' and (f.key_id = key.id or f.conversation_id in
                   (select id from conversations where tenant_id = ${tenantId} and key_id = key.id))) as files) counted
       where conversations + files > 0`;
  }

  /**
   * Removes up to `limit` conversations with their items and files, or up to as many files of datasets. Passages go with
   * their file, and a turn that is under way is not kept.
   */
  async removeBatch(tx: Transaction, tenantId: string, keyId: string, limit: number): Promise<RemovedBatch> {
    const ids = await tx.$queryRaw<{ id: string }[]>`
      select id from conversations where tenant_id = ${tenantId} and key_id = ${keyId} order by id limit ${limit} for update`;
    const gone = ids.map(({ id }) => id);
    const files = await tx.$queryRaw<{ storageKey: string }[]>`
      delete from files where tenant_id = ${tenantId} and conversation_id = any(${gone}) returning storage_key as "storageKey"`;
    const conversations = await tx.$executeRaw`delete from conversations where tenant_id = ${tenantId} and id = any(${gone})`;
    const others = await tx.$queryRaw<{ storageKey: string }[]>`
      delete from files where tenant_id = ${tenantId} and id in
        (select id from files where tenant_id = ${tenantId} and key_id = ${keyId} and kind <> 'file' order by id limit ${limit})
      returning storage_key as "storageKey"`;
    const storageKeys = [...files, ...others].map(({ storageKey }) => storageKey);
    return { conversations, files: storageKeys.length, storageKeys };
  }

  /**
   * Gives up to `limit` conversations, and as many files, to another key. A conversation whose foreign id the other key
   * uses already goes on under its own id alone.
   */
  async moveBatch(tx: Transaction, tenantId: string, keyId: string, to: string, limit: number): Promise<KeyContents> {
    const conversations = await tx.$executeRaw`
      update conversations c
         set key_id = ${to},
             foreign_id = case when not exists (select from conversations o where o.tenant_id = c.tenant_id and o.key_id = ${to}
                                                   and o.foreign_id = c.foreign_id) then c.foreign_id end
       where c.tenant_id = ${tenantId} and c.id in
         (select id from conversations where tenant_id = ${tenantId} and key_id = ${keyId} order by id limit ${limit} for update)`;
    const files = await tx.$executeRaw`
      update files set key_id = ${to} where tenant_id = ${tenantId} and id in
        (select id from files where tenant_id = ${tenantId} and key_id = ${keyId} order by id limit ${limit} for update)`;
    return { conversations, files };
  }

  /** Removes what is kept for keys that are gone and is not asked about: responses with their items, stored completions, thoughts. */
  async removeKept(tx: Transaction, tenantId: string, keyIds: readonly string[]): Promise<void> {
    const ids = [...keyIds];
    await tx.$executeRaw`delete from responses where tenant_id = ${tenantId} and key_id = any(${ids})`;
    await tx.$executeRaw`delete from response_items where tenant_id = ${tenantId} and key_id = any(${ids})`;
    await tx.$executeRaw`delete from stored_completions where tenant_id = ${tenantId} and key_id = any(${ids})`;
    await tx.$executeRaw`delete from kept_thoughts where tenant_id = ${tenantId} and key_id = any(${ids})`;
  }

  /** Removes up to `limit` answers that are kept for repeated requests of the key. @returns how many. */
  async forgetAnswers(tx: Transaction, tenantId: string, keyId: string, limit: number): Promise<number> {
    return tx.$executeRaw`
      delete from idempotent_requests where tenant_id = ${tenantId} and key_id = ${keyId} and id in
        (select id from idempotent_requests where tenant_id = ${tenantId} and key_id = ${keyId} limit ${limit})`;
  }
}

/** @throws AppError conflict for a key that has anything: who deletes it says what becomes of that. */
export function refuseFull({ conversations, files }: KeyContents): void {
  if (conversations + files === 0) return;
  const counted = `${conversations} ${conversations === 1 ? 'conversation' : 'conversations'} and ${files} ${files === 1 ? 'file' : 'files'}`;
  throw new AppError('conflict', {
    message: `The key has ${counted}. Delete it with ?force=true to remove them, or with ?transfer_to=<key> to give them to another key of the same purpose.`,
  });
}
