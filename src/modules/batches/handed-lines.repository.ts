import { Injectable } from '@nestjs/common';
import { Prisma } from '../../platform/database/generated/client.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import { tokenFigures, type BatchPlace, type BatchTokens } from './batch-record.js';
import type { ClaimedLine } from './batch-lines.repository.js';

/** How a request that a provider was given has come out. */
export interface HandedResult {
  readonly number: number;
  readonly state: 'done' | 'failed';
  /** Its line of the output. */
  readonly answer: string;
  readonly tokens: BatchTokens | undefined;
}

type LineRow = Omit<ClaimedLine, 'bodyOffset'> & { bodyOffset: bigint };

const columns = Prisma.sql`
  number, custom_id as "customId", body_offset as "bodyOffset", body_bytes as "bodyBytes", attempts, deaths`;

/** The requests of batches that providers make. None of them is a run's: what has no answer yet is pending. */
@Injectable()
export class HandedLinesRepository {
  /** The next requests behind a number that have no answer: so many at the most, and bodies of so many bytes, or one that has more. */
  async pending(
    tx: Transaction,
    { tenantId, id }: BatchPlace,
    after: number,
    most: { readonly lines: number; readonly bytes: number },
  ): Promise<ClaimedLine[]> {
    const rows = await tx.$queryRaw<LineRow[]>`
      select ${columns} from (
        select l.*, sum(body_bytes) over (order by number) as upto from batch_lines l
         where tenant_id = ${tenantId} and batch_id = ${id} and number in (
           select number from batch_lines
            where tenant_id = ${tenantId} and batch_id = ${id} and number > ${after} and state = 'pending'
            order by number limit ${most.lines})) next
       where upto - body_bytes = 0 or upto <= ${most.bytes} order by number`;
    return rows.map(claimedOf);
  }

  /** Those of these requests that have no answer, in their order. */
  async among(tx: Transaction, { tenantId, id }: BatchPlace, numbers: readonly number[]): Promise<ClaimedLine[]> {
    const rows = await tx.$queryRaw<LineRow[]>`
      select ${columns} from batch_lines
       where tenant_id = ${tenantId} and batch_id = ${id} and state = 'pending' and number = any (${[...numbers]}::int[])
       order by number`;
    return rows.map(claimedOf);
  }

  /** Writes how requests have come out that have no answer yet, and the tokens of these to their batch. */
  async settle(tx: Transaction, { tenantId, id }: BatchPlace, results: readonly HandedResult[]): Promise<void> {
    const column = <T>(of: (result: HandedResult) => T): T[] => results.map(of);
    const tokens = tokenFigures.map((name) => Prisma.sql`${column((result) => result.tokens?.[name] ?? 0)}::int[]`);
    const numbers = column(({ number }) => number);
    await tx.$executeRaw`
      with given as (
        select * from unnest(${numbers}::int[], ${column(({ state }) => state)}::text[],
                             ${column(({ answer }) => answer)}::text[], ${Prisma.join(tokens)})
          as g (number, state, answer, t1, t2, t3, t4, t5)
      ), settled as (
        update batch_lines l set state = g.state, answer = g.answer
          from given g
         where l.tenant_id = ${tenantId} and l.batch_id = ${id} and l.number = any (${numbers}::int[])
           and l.number = g.number and l.state = 'pending'
        returning g.t1, g.t2, g.t3, g.t4, g.t5
      ), sums as (
        select coalesce(sum(t1), 0) as t1, coalesce(sum(t2), 0) as t2, coalesce(sum(t3), 0) as t3,
               coalesce(sum(t4), 0) as t4, coalesce(sum(t5), 0) as t5
          from settled
      )
      update batches b
         set input_tokens = b.input_tokens + s.t1, cached_input_tokens = b.cached_input_tokens + s.t2,
             output_tokens = b.output_tokens + s.t3, reasoning_tokens = b.reasoning_tokens + s.t4,
             total_tokens = b.total_tokens + s.t5
        from sums s
       where b.tenant_id = ${tenantId} and b.id = ${id} and s.t5 + s.t1 > 0`;
  }

  /** The number of the request that stood at these places, from 1 on, in what the provider was given. */
  async numbersAt(
    tx: Transaction,
    { tenantId, id }: BatchPlace,
    places: readonly number[],
  ): Promise<ReadonlyMap<number, number>> {
    const rows = await tx.$queryRaw<{ place: number; number: number }[]>`
      select place, number from (
        select number, (row_number() over (order by number))::int as place from batch_lines
         where tenant_id = ${tenantId} and batch_id = ${id} and state = 'pending') l
       where place = any (${[...places]}::int[])`;
    return new Map(rows.map(({ place, number }) => [place, number]));
  }
}

function claimedOf(row: LineRow): ClaimedLine {
  return { ...row, bodyOffset: Number(row.bodyOffset) };
}
