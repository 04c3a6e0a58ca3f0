import { Injectable } from '@nestjs/common';
import type { ListCompletionMessagesQuery } from '../../contracts/completions.js';
import type { RowPage } from '../../contracts/lists.js';
import { Prisma } from '../../platform/database/generated/client.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { CompletionMessage } from './completion-record.js';
import { endsOfRun, placesOfRun } from './packed-texts.js';

/** Behind so many bytes of messages a page ends. */
const pageBytes = 1024 * 1024;

/** Where a page begins: behind the message of this place, of so many. */
interface PageStart {
  readonly after: number | undefined;
  readonly count: number;
}

/** The messages of stored completions. Whether the completion is the caller's has been asked before. */
@Injectable()
export class CompletionMessagesRepository {
  /**
   * One page in the order of the request, or the other way round. It ends early, with more to come, behind the message with
   * which it comes to more than a mebibyte. Of the messages nothing else is read, but in rows from before they were packed.
   */
  async list(
    tx: Transaction,
    tenantId: string,
    id: string,
    query: ListCompletionMessagesQuery,
    { after, count }: PageStart,
  ): Promise<RowPage<CompletionMessage>> {
    const isUp = query.order === 'asc';
    const from = isUp ? (after ?? -1) + 1 : Math.max((after ?? count) - query.limit, 0);
    const to = isUp ? Math.min(from + query.limit, count) : (after ?? count);
    if (from >= to) return { rows: [], hasMore: false };
    const run = endsOfRun(from, to);
    const [row] = await tx.$queryRaw<{ ends: Uint8Array | null }[]>`
      select substring(message_ends from ${run.start + 1}::integer for ${run.length}::integer) as ends
        from stored_completions where tenant_id = ${tenantId} and id = ${id}`;
    if (row === undefined) return { rows: [], hasMore: false };
    if (row.ends === null) return this.listUnpacked(tx, tenantId, id, query, after);
    const said = placesOfRun(row.ends, from).map((where, at) => ({ place: from + at, ...where }));
    const shown = fitting(isUp ? said : said.reverse());
    const rows = await this.texts(tx, tenantId, id, shown);
    // It was deleted since its ends were read.
    if (rows === undefined) return { rows: [], hasMore: false };
    const last = shown.at(-1)?.place ?? 0;
    return { rows, hasMore: isUp ? last < count - 1 : last > 0 };
  }

  /** How many messages it has. */
  async count(tx: Transaction, tenantId: string, id: string): Promise<number> {
    const [row] = await tx.$queryRaw<{ count: number }[]>`
      select coalesce(octet_length(message_ends) / 4, json_array_length(messages)) as count
        from stored_completions where tenant_id = ${tenantId} and id = ${id}`;
    return row?.count ?? 0;
  }

  private async texts(
    tx: Transaction,
    tenantId: string,
    id: string,
    shown: readonly Place[],
  ): Promise<CompletionMessage[] | undefined> {
    const start = Math.min(...shown.map((message) => message.start));
    const end = Math.max(...shown.map((message) => message.end));
    const [row] = await tx.$queryRaw<{ texts: Uint8Array }[]>`
      select substring(message_texts from ${start + 1}::integer for ${end - start}::integer) as texts
        from stored_completions where tenant_id = ${tenantId} and id = ${id}`;
    if (row === undefined) return undefined;
    const bytes = Buffer.from(row.texts);
    return shown.map((message) => ({
      place: message.place,
      message: bytes.toString('utf8', message.start - start, message.end - start),
    }));
  }

  private async listUnpacked(
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
}

/** Where the text of a message stands. */
interface Place {
  readonly place: number;
  readonly start: number;
  readonly end: number;
}

/** The first of them, up to the one with which they come to more than a page. */
function fitting(said: readonly Place[]): readonly Place[] {
  let total = 0;
  const last = said.findIndex(({ start, end }) => (total += end - start) > pageBytes);
  return last === -1 ? said : said.slice(0, last + 1);
}
