import { Injectable } from '@nestjs/common';
import type { ListQuery, RowPage } from '../../contracts/lists.js';
import { AppError } from '../../kernel/app-error.js';
import { slicesOf } from '../../kernel/slices.js';
import { Prisma } from '../../platform/database/generated/client.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { HeldCall, PlacedItem, StoredItem } from './conversation-record.js';
import { storable } from './storable-json.js';

/** Behind so many bytes of items a page ends. */
const pageBytes = 1024 * 1024;
/** So many items are written at one go: printing and escaping them is one step of the event loop. */
const writtenAtOnce = 128;
/** Among so many of the newest items calls and results are looked for. */
const newestItems = 1_000;

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
    const stored: StoredItem[] = [];
    for (const slice of slicesOf(items, writtenAtOnce)) {
      const position = first + BigInt(stored.length);
      const own = slice.map((item) => storable(item));
      await tx.$executeRaw`
        insert into conversation_items (tenant_id, conversation_id, id, position, item)
        select ${tenantId}, ${conversationId}, given.id, ${position} + given.place - 1, given.item::jsonb
          from unnest(${own.map(({ id }) => id)}::text[], ${own.map((item) => JSON.stringify(item))}::text[])
               with ordinality as given (id, item, place)`;
      stored.push(...own);
    }
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

  /**
   * One page in the order of the conversation. It ends early, with more to come, behind the item with which it comes to more
   * than a mebibyte: a page of a hundred large items would stand still to parse and to print.
   * @throws AppError invalid_value for a cursor that is none of its items.
   */
  async list(tx: Transaction, tenantId: string, conversationId: string, query: ListQuery): Promise<RowPage<StoredItem>> {
    const cursor = await this.cursor(tx, tenantId, conversationId, query);
    const backwards = query.before !== undefined;
    const isRising = (query.order === 'asc') !== backwards;
    const [direction, than] = isRising ? [Prisma.sql`asc`, Prisma.sql`>`] : [Prisma.sql`desc`, Prisma.sql`<`];
    const beyond = cursor === undefined ? Prisma.empty : Prisma.sql`and position ${than} ${cursor}`;
    const rows = await tx.$queryRaw<{ item: StoredItem; behind: number }[]>`
      with page as (
        select position, item, octet_length(item::text) as bytes from conversation_items
         where tenant_id = ${tenantId} and conversation_id = ${conversationId} ${beyond}
         order by position ${direction} limit ${query.limit + 1}
      ), summed as (
        select item, bytes, sum(bytes) over seen as total, row_number() over seen as place, count(*) over () as rows
          from page window seen as (order by position ${direction})
      )
      select item, (rows - place)::integer as behind from summed
       where total - bytes <= ${pageBytes} and place <= ${query.limit} order by place`;
    const shown = rows.map(({ item }) => item);
    return { rows: backwards ? shown.reverse() : shown, hasMore: (rows.at(-1)?.behind ?? 0) > 0 };
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

  /** Those of the ids that items of the conversation have. */
  async known(tx: Transaction, tenantId: string, conversationId: string, ids: readonly string[]): Promise<ReadonlySet<string>> {
    if (ids.length === 0) return new Set();
    const rows = await tx.$queryRaw<{ id: string }[]>`
      select id from conversation_items
       where tenant_id = ${tenantId} and conversation_id = ${conversationId} and id = any(${[...ids]}::text[])`;
    return new Set(rows.map(({ id }) => id));
  }

  /** The calls of tools and the results among the newest items, the oldest first. */
  async newestCalls(tx: Transaction, tenantId: string, conversationId: string): Promise<HeldCall[]> {
    return tx.$queryRaw<HeldCall[]>`
      select "callId", "isResult" from
        (select position, item ->> 'call_id' as "callId", right(item ->> 'type', 7) = '_output' as "isResult" from conversation_items
          where tenant_id = ${tenantId} and conversation_id = ${conversationId} order by position desc limit ${newestItems}) newest
       where "callId" is not null order by position`;
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
