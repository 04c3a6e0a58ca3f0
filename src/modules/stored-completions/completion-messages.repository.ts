import { Injectable } from '@nestjs/common';
import type { ListCompletionMessagesQuery } from '../../contracts/completions.js';
import type { RowPage } from '../../contracts/lists.js';
import { Prisma } from '../../platform/database/generated/client.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { CompletionMessage } from './completion-record.js';

/** Behind so many bytes of messages a page ends. */
const pageBytes = 1024 * 1024;

/** The messages of stored completions. Whether the completion is the caller's has been asked before. */
@Injectable()
export class CompletionMessagesRepository {
  /**
   * One page in the order of the request, or the other way round. It ends early, with more to come, behind the message with
   * which it comes to more than a mebibyte.
   * @param after the place of the message behind which the page begins.
   */
  async list(
    tx: Transaction,
    tenantId: string,
    id: string,
    { order, limit }: ListCompletionMessagesQuery,
    after: number | undefined,
  ): Promise<RowPage<CompletionMessage>> {
    const [direction, than] = order === 'asc' ? [Prisma.sql`asc`, Prisma.sql`>`] : [Prisma.sql`desc`, Prisma.sql`<`];
    const beyond = after === undefined ? Prisma.empty : Prisma.sql`where place ${than} ${after}`;
    const rows = await tx.$queryRaw<(CompletionMessage & { behind: number })[]>`
      with said as (
        select (at - 1)::integer as place, message::text as message, octet_length(message::text) as bytes
          from stored_completions, json_array_elements(messages) with ordinality as m (message, at)
         where tenant_id = ${tenantId} and id = ${id}
      ), page as (
        select * from said ${beyond} order by place ${direction} limit ${limit + 1}
      ), summed as (
        select place, message, bytes, sum(bytes) over seen as total, row_number() over seen as rank, count(*) over () as rows
          from page window seen as (order by place ${direction})
      )
      select place, message, (rows - rank)::integer as behind from summed
       where total - bytes <= ${pageBytes} and rank <= ${limit} order by rank`;
    return { rows, hasMore: (rows.at(-1)?.behind ?? 0) > 0 };
  }

  /** How many messages it has. */
  async count(tx: Transaction, tenantId: string, id: string): Promise<number> {
    const [row] = await tx.$queryRaw<{ count: number }[]>`
      select json_array_length(messages) as count from stored_completions where tenant_id = ${tenantId} and id = ${id}`;
    return row?.count ?? 0;
  }
}
