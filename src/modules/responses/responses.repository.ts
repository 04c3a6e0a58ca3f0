import { Injectable } from '@nestjs/common';
import { slicesOf } from '../../kernel/slices.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { NewResponse, PrintedItem, ResponseOwner } from './response-record.js';

/** So many items are written at one go: escaping them is one step of the event loop. */
const writtenAtOnce = 128;

/** A kept response without its items. */
export interface ResponseRow {
  readonly status: string;
  readonly object: string;
  readonly earlierIds: readonly string[];
  readonly inputIds: readonly string[];
  readonly outputIds: readonly string[];
}

/** The rows of kept responses and of their items. What has expired is not there, whether the sweep has come by or not. */
@Injectable()
export class ResponsesRepository {
  async find(tx: Transaction, { tenantId, keyId }: ResponseOwner, id: string): Promise<ResponseRow | null> {
    return tx.response.findFirst({
      where: { tenantId, id, keyId, expiresAt: { gt: new Date() } },
      select: { status: true, object: true, earlierIds: true, inputIds: true, outputIds: true },
    });
  }

  /** For how many days the tenant keeps what clients ask to store. */
  async keptDays(tx: Transaction, { tenantId }: ResponseOwner): Promise<number> {
    const { storedDays } = await tx.tenant.findUniqueOrThrow({ where: { id: tenantId }, select: { storedDays: true } });
    return storedDays;
  }

  /** The items of these ids, in the order of the ids. Those that are gone are left out. */
  async items(tx: Transaction, { tenantId, keyId }: ResponseOwner, ids: readonly string[]): Promise<PrintedItem[]> {
    if (ids.length === 0) return [];
    return tx.$queryRaw<PrintedItem[]>`
      select i.id, i.item as json from unnest(${[...ids]}::text[]) with ordinality as wanted (id, place)
        join response_items i on i.tenant_id = ${tenantId} and i.id = wanted.id and i.key_id = ${keyId}
       where i.expires_at > now() order by wanted.place`;
  }

  /** How many bytes the items of these ids have together. */
  async bytesOf(tx: Transaction, { tenantId }: ResponseOwner, ids: readonly string[]): Promise<number> {
    if (ids.length === 0) return 0;
    const [row] = await tx.$queryRaw<{ bytes: bigint | null }[]>`
      select sum(octet_length(item)) as bytes from response_items where tenant_id = ${tenantId} and id = any(${[...ids]}::text[])`;
    return Number(row?.bytes ?? 0);
  }

  /**
   * Writes a response with its items, for as many days as its tenant keeps such things. The items of its chain live on with
   * it, and are written again where their own response was deleted meanwhile. One that was only queued is there already and
   * keeps its input as it was taken in.
   */
  async insert(tx: Transaction, { tenantId, keyId }: ResponseOwner, response: NewResponse, expiresAt: Date): Promise<void> {
    const { id, output, earlier, model, status, object, wasQueued = false } = response;
    const input = wasQueued ? [] : response.input;
    const answer = {
      status,
      object,
      conversationId: response.conversationId ?? null,
      outputIds: output.map((item) => item.id),
      expiresAt,
    };
    if (wasQueued) await tx.response.updateMany({ where: { tenantId, id }, data: answer });
    else {
      const asked = { previousResponseId: response.previousResponseId ?? null, inputIds: input.map((item) => item.id) };
      await tx.response.create({
        data: { tenantId, id, keyId, model, earlierIds: earlier.map((item) => item.id), ...asked, ...answer },
      });
    }
    // An item that the request refers to may be there already, and lives on like those of the chain.
    const living = [...earlier, ...input];
    const ids = living.map((item) => item.id);
    const held = await this.hold(tx, tenantId, ids);
    const unkept = [...living.filter((item) => !held.has(item.id)), ...output].sort((a, b) => (a.id < b.id ? -1 : 1));
    for (const slice of slicesOf(unkept, writtenAtOnce))
      await tx.$executeRaw`
        insert into response_items (tenant_id, id, key_id, item, expires_at)
        select ${tenantId}, given.id, ${keyId}, given.item, ${expiresAt}
          from unnest(${slice.map((item) => item.id)}::text[], ${slice.map((item) => item.json)}::text[]) as given (id, item)
            on conflict do nothing`;
    if (ids.length > 0)
      await tx.$executeRaw`
        update response_items set expires_at = ${expiresAt}
         where tenant_id = ${tenantId} and key_id = ${keyId} and id = any(${ids}::text[]) and expires_at < ${expiresAt}`;
  }

  /**
   * Holds those of the items that are there until the transaction ends: whoever keeps a response that has them, and whoever
   * removes what no response has, come one after the other. All take them in the order of their ids.
   */
  private async hold(tx: Transaction, tenantId: string, ids: readonly string[]): Promise<ReadonlySet<string>> {
    if (ids.length === 0) return new Set();
    const rows = await tx.$queryRaw<{ id: string }[]>`
      select id from response_items where tenant_id = ${tenantId} and id = any(${[...ids]}::text[])
       order by id for no key update`;
    return new Set(rows.map(({ id }) => id));
  }

  /** Removes a response, and those of its items that no other one has. @returns false when there is none. */
  async delete(tx: Transaction, { tenantId, keyId }: ResponseOwner, id: string): Promise<boolean> {
    const [row] = await tx.$queryRaw<{ ids: string[] }[]>`
      delete from responses where tenant_id = ${tenantId} and key_id = ${keyId} and id = ${id} and expires_at > now()
      returning input_ids || output_ids as ids`;
    if (row === undefined) return false;
    // Behind this, what is asked next sees every response that was kept with them.
    await this.hold(tx, tenantId, row.ids);
    await tx.$executeRaw`
      delete from response_items i where i.tenant_id = ${tenantId} and i.id = any(${row.ids}) and not exists
        (select from responses r where r.tenant_id = i.tenant_id and r.key_id = ${keyId}
            and i.id = any(r.earlier_ids || r.input_ids || r.output_ids))`;
    return true;
  }

  /** Removes up to `limit` responses of a key that is deleted, and as many items. @returns how many of both. */
  async removeOfKey(tx: Transaction, tenantId: string, keyId: string, limit: number): Promise<number> {
    const responses = await tx.$executeRaw`
      delete from responses where tenant_id = ${tenantId} and id in
        (select id from responses where tenant_id = ${tenantId} and key_id = ${keyId} limit ${limit})`;
    const items = await tx.$executeRaw`
      delete from response_items where tenant_id = ${tenantId} and id in
        (select id from response_items where tenant_id = ${tenantId} and key_id = ${keyId} limit ${limit})`;
    return responses + items;
  }

  /** Gives up to `limit` responses, and as many items, to another key. @returns how many of both. */
  async moveOfKey(tx: Transaction, tenantId: string, keyId: string, to: string, limit: number): Promise<number> {
    const responses = await tx.$executeRaw`
      update responses set key_id = ${to} where tenant_id = ${tenantId} and id in
        (select id from responses where tenant_id = ${tenantId} and key_id = ${keyId} limit ${limit})`;
    const items = await tx.$executeRaw`
      update response_items set key_id = ${to} where tenant_id = ${tenantId} and id in
        (select id from response_items where tenant_id = ${tenantId} and key_id = ${keyId} limit ${limit})`;
    return responses + items;
  }
}
