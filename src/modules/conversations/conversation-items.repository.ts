import { Injectable } from '@nestjs/common';
import type { ListQuery, RowPage } from '../../contracts/lists.js';
import { AppError } from '../../kernel/app-error.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { PlacedItem, StoredItem } from './conversation-record.js';
import { storable } from './storable-json.js';

/** The rows of items. Whether the conversation is the caller's has been asked before. */
@Injectable()
export class ConversationItemsRepository {
  /** Writes items one behind another, the first at this position. @returns them as they were stored. */
  async insert(
    tx: Transaction,
    tenantId: string,
    conversationId: string,
    first: bigint,
    items: readonly StoredItem[],
  ): Promise<StoredItem[]> {
    const stored = items.map((item) => storable(item));
    const rows = stored.map((item, at) => ({
      tenantId,
      conversationId,
      id: item.id,
      position: first + BigInt(at),
      item: item as object,
    }));
    if (rows.length > 0) await tx.conversationItem.createMany({ data: rows });
    return stored;
  }

  async find(tx: Transaction, tenantId: string, conversationId: string, id: string): Promise<StoredItem | null> {
    const row = await tx.conversationItem.findFirst({ where: { tenantId, conversationId, id }, select: { item: true } });
    return row === null ? null : (row.item as unknown as StoredItem);
  }

  /** @returns false when there is no such item. */
  async delete(tx: Transaction, tenantId: string, conversationId: string, id: string): Promise<boolean> {
    const { count } = await tx.conversationItem.deleteMany({ where: { tenantId, conversationId, id } });
    return count > 0;
  }

  /** One page in the order of the conversation. @throws AppError invalid_value for a cursor that is none of its items. */
  async list(tx: Transaction, tenantId: string, conversationId: string, query: ListQuery): Promise<RowPage<StoredItem>> {
    const cursor = await this.cursor(tx, tenantId, conversationId, query);
    const backwards = query.before !== undefined;
    const direction = (query.order === 'asc') === backwards ? 'desc' : 'asc';
    const rows = await tx.conversationItem.findMany({
      where: {
        tenantId,
        conversationId,
        ...(cursor === undefined ? {} : { position: { [direction === 'asc' ? 'gt' : 'lt']: cursor } }),
      },
      orderBy: { position: direction },
      take: query.limit + 1,
      select: { item: true },
    });
    const shown = rows.slice(0, query.limit).map(({ item }) => item as unknown as StoredItem);
    return { rows: backwards ? shown.reverse() : shown, hasMore: rows.length > query.limit };
  }

  /**
   * The newest items before a position, the newest first: at most `limit`, and none behind the one with which they come
   * to more than `maxBytes`.
   */
  async newest(
    tx: Transaction,
    tenantId: string,
    conversationId: string,
    before: bigint,
    limit: number,
    maxBytes: number,
  ): Promise<PlacedItem[]> {
    return tx.$queryRaw<PlacedItem[]>`
      with page as (
        select position, item, octet_length(item::text) as bytes from conversation_items
         where tenant_id = ${tenantId} and conversation_id = ${conversationId} and position < ${before}
         order by position desc limit ${limit}
      ), summed as (select position, item, bytes, sum(bytes) over (order by position desc) as total from page)
      select position, item from summed where total - bytes <= ${maxBytes} order by position desc`;
  }

  private async cursor(tx: Transaction, tenantId: string, conversationId: string, query: ListQuery): Promise<bigint | undefined> {
    if (query.after !== undefined && query.before !== undefined) {
      throw new AppError('invalid_value', { param: 'before', message: "Give 'after' or 'before', not both." });
    }
    const param = query.before === undefined ? 'after' : 'before';
    const id = query[param];
    if (id === undefined) return undefined;
    const row = await tx.conversationItem.findFirst({ where: { tenantId, conversationId, id }, select: { position: true } });
    if (row === null)
      throw new AppError('invalid_value', { param, message: `The cursor '${param}' is not the id of an item of this list.` });
    return row.position;
  }
}
