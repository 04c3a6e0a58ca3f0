import { Injectable } from '@nestjs/common';
import type { PlainTransaction, Transaction } from '../../platform/database/tenant-database.js';
import { LostBatchError, tokenFigures, type BatchPlace, type BatchTokens } from './batch-record.js';

/** A request as it was found in the input. */
export interface ReadLine {
  readonly number: number;
  readonly customId: string;
  readonly bodyOffset: number;
  readonly bodyBytes: number;
  /** Its line of the output, where the request is refused as it is. */
  readonly refusal: string | undefined;
}

/** A request that a run has taken. */
export interface ClaimedLine extends Omit<ReadLine, 'refusal'> {
  readonly attempts: number;
  /** How many runs died that had it. */
  readonly deaths: number;
}

/** How a request has come out that a run had: with an answer, or it waits. */
export interface LineResult {
  readonly number: number;
  readonly state: 'done' | 'failed' | 'pending';
  /** Its line of the output, in UTF-8 and without a line break; of one that waits, nothing. */
  readonly answer: Buffer | undefined;
  readonly attempts: number;
  /** For how long one that waits does so, in milliseconds. */
  readonly waitMs: number;
  readonly tokens: BatchTokens | undefined;
}

/** What is left of a batch's requests. */
export interface LinesLeft {
  readonly pending: number;
  /** Of all runs. */
  readonly running: number;
  /** In how many milliseconds the first that waits may run; undefined when none waits. */
  readonly dueMs: number | undefined;
  /** The batch is in progress: what waits may run. */
  readonly isOpen: boolean;
}

/** Lines of the output, without a line break behind the last; both null where there are no more. */
export interface AnsweredPage {
  readonly last: number | null;
  readonly text: string | null;
}

/** A line for the file of errors; one that was not made has no answer. */
export interface OtherLine {
  readonly number: number;
  readonly customId: string;
  readonly answer: string | null;
}

/** About so many bytes of answers are read at a time. */
const pageBytes = 1024 * 1024;
const mostOfPage = 2_000;

const claim = `
  with me as materialized (
    select id from batch_runs where tenant_id = $1 and id = $3 for key share
  ), open as (
    select id from batches where tenant_id = $1 and id = $2 and status = 'in_progress' and window_ends_at > now()
  ), free as materialized (
    select number, body_bytes from batch_lines
     where tenant_id = $1 and batch_id = $2 and state = 'pending' and (retry_at is null or retry_at <= now())
       and exists (select from me) and exists (select from open)
     order by number limit $4 for update skip locked
  ), fitting as (
    select number from (select number, body_bytes, sum(body_bytes) over (order by number) as upto from free) f
     where upto - body_bytes = 0 or upto <= $5
  ), taken as (
    update batch_lines l set state = 'running', owner = $3, retry_at = null
     where l.tenant_id = $1 and l.batch_id = $2 and l.number = any (array(select number from fitting))
    returning l.number, l.custom_id, l.body_offset, l.body_bytes, l.attempts, l.deaths
  )
  select json_agg(json_build_array(number, custom_id, body_offset, body_bytes, attempts, deaths) order by number)::text as lines
    from taken`;

/** The numbers stand there twice: so the key finds the rows, whatever is known of the table. */
const settle = `
  with given as (
    select * from unnest($4::int[], $5::text[], string_to_array($6::text, E'\\n'), $7::int[], $8::int[], $9::int[], $10::int[],
                         $11::int[], $12::int[], $13::int[])
      as g (number, state, answer, attempts, wait_ms, t1, t2, t3, t4, t5)
  ), settled as (
    update batch_lines l
       set state = g.state, owner = null, answer = nullif(g.answer, ''), attempts = g.attempts,
           retry_at = case when g.state = 'pending' then now() + g.wait_ms * interval '1 millisecond' end
      from given g
     where l.tenant_id = $1 and l.batch_id = $2 and l.number = any ($4::int[]) and l.number = g.number and l.owner = $3
    returning g.state, g.t1, g.t2, g.t3, g.t4, g.t5
  ), sums as (
    select (count(*) filter (where state = 'done'))::int as done, (count(*) filter (where state = 'failed'))::int as failed,
           coalesce(sum(t1), 0) as t1, coalesce(sum(t2), 0) as t2, coalesce(sum(t3), 0) as t3,
           coalesce(sum(t4), 0) as t4, coalesce(sum(t5), 0) as t5
      from settled
  )
  update batches b
     set completed = b.completed + s.done, failed = b.failed + s.failed, input_tokens = b.input_tokens + s.t1,
         cached_input_tokens = b.cached_input_tokens + s.t2, output_tokens = b.output_tokens + s.t3,
         reasoning_tokens = b.reasoning_tokens + s.t4, total_tokens = b.total_tokens + s.t5,
         finalizing_at = case when b.status = 'in_progress' and b.completed + s.done + b.failed + s.failed = b.total
                              then now() else b.finalizing_at end,
         status = case when b.status = 'in_progress' and b.completed + s.done + b.failed + s.failed = b.total
                       then 'finalizing' else b.status end
    from sums s
   where b.tenant_id = $1 and b.id = $2 and s.done + s.failed > 0`;

const answeredPage = `
  select max(number) as last, string_agg(answer, E'\\n' order by number) as text
    from (select number, answer, sum(octet_length(answer)) over lines as upto, row_number() over lines as place
            from (select number, answer from batch_lines
                   where tenant_id = $1 and batch_id = $2 and number > $3 and state = 'done' order by number limit ${mostOfPage}) next
          window lines as (order by number)) counted
   where place = 1 or upto <= ${pageBytes}`;

/** The requests of batches. */
@Injectable()
export class BatchLinesRepository {
  async insert(tx: Transaction, { tenantId, id }: BatchPlace, lines: readonly ReadLine[]): Promise<void> {
    const column = <T>(of: (line: ReadLine) => T): T[] => lines.map(of);
    await tx.$executeRaw`
      insert into batch_lines (tenant_id, batch_id, number, custom_id, body_offset, body_bytes, answer, state)
      select ${tenantId}, ${id}, number, custom_id, body_offset::bigint, body_bytes, nullif(refusal, ''),
             case when refusal = '' then 'pending' else 'failed' end
        from unnest(${column(({ number }) => number)}::int[], ${column(({ customId }) => customId)}::text[],
                    ${column(({ bodyOffset }) => String(bodyOffset))}::text[], ${column(({ bodyBytes }) => bodyBytes)}::int[],
                    ${column(({ refusal = '' }) => refusal)}::text[])
             as l (number, custom_id, body_offset, body_bytes, refusal)`;
  }

  /** The first lines whose custom_id stands in an earlier one. */
  async repeated(tx: Transaction, { tenantId, id }: BatchPlace, limit: number): Promise<{ number: number; customId: string }[]> {
    return tx.$queryRaw`
      select number, custom_id as "customId" from
        (select number, custom_id, row_number() over (partition by custom_id order by number) as place
           from batch_lines where tenant_id = ${tenantId} and batch_id = ${id}) l
       where place > 1 order by number limit ${limit}`;
  }

  /** Removes up to `limit` requests, each found by the key. @returns how many. */
  async remove(tx: Transaction, { tenantId, id }: BatchPlace, limit: number): Promise<number> {
    return tx.$executeRaw`
      delete from batch_lines where tenant_id = ${tenantId} and batch_id = ${id} and number = any (array
        (select number from batch_lines where tenant_id = ${tenantId} and batch_id = ${id} order by number limit ${limit}))`;
  }

  /**
   * Takes the next requests that may run, as long as the batch is in progress and the run lives: so many at the most, and
   * bodies of so many bytes together, or one that has more.
   */
  async claim(
    tx: PlainTransaction,
    { tenantId, id }: BatchPlace,
    owner: string,
    most: { readonly lines: number; readonly bytes: number },
  ): Promise<ClaimedLine[]> {
    const [row] = await tx.query<{ lines: string | null }>(claim, [tenantId, id, owner, most.lines, most.bytes]);
    const taken = JSON.parse(row?.lines ?? '[]') as [number, string, number, number, number, number][];
    return taken.map(([number, customId, bodyOffset, bodyBytes, attempts, deaths]) => ({
      number,
      customId,
      bodyOffset,
      bodyBytes,
      attempts,
      deaths,
    }));
  }

  /**
   * Writes how requests of a run have come out, in one statement. What is not the run's any more is left as it is. The batch
   * whose last request this is goes on to its files.
   */
  async settle(tx: PlainTransaction, { tenantId, id }: BatchPlace, owner: string, results: readonly LineResult[]): Promise<void> {
    // Each column is one value: the driver looks at every item of a list.
    const column = (of: (result: LineResult) => number | string): string => `{${results.map(of).join()}}`;
    // For a fresh table the planner expects one line, and would compare each with each: 200 ms for 500.
    await tx.query('set local enable_nestloop = off', []);
    await tx.query(settle, [
      tenantId,
      id,
      owner,
      column(({ number }) => number),
      column(({ state }) => state),
      joinLines(results.map(({ answer }) => answer)),
      column(({ attempts }) => attempts),
      column(({ waitMs }) => Math.ceil(waitMs)),
      ...tokenFigures.map((name) => column(({ tokens }) => tokens?.[name] ?? 0)),
    ]);
  }

  async left(tx: Transaction, { tenantId, id }: BatchPlace): Promise<LinesLeft> {
    const [row] = await tx.$queryRaw<(Omit<LinesLeft, 'dueMs'> & { readonly dueMs: number | null })[]>`
      select (count(*) filter (where state = 'pending'))::int as pending, (count(*) filter (where state = 'running'))::int as running,
             (extract(epoch from min(coalesce(retry_at, now())) filter (where state = 'pending') - now()) * 1000)::float8 as "dueMs",
             exists (select from batches where tenant_id = ${tenantId} and id = ${id} and status = 'in_progress') as "isOpen"
        from batch_lines where tenant_id = ${tenantId} and batch_id = ${id} and state in ('pending', 'running')`;
    if (row === undefined) return { pending: 0, running: 0, dueMs: undefined, isOpen: false };
    return { ...row, dueMs: row.dueMs ?? undefined };
  }

  /** The output's next lines behind a number, about a mebibyte of them. */
  async answeredPage(tx: PlainTransaction, { tenantId, id }: BatchPlace, after: number): Promise<AnsweredPage> {
    const [page] = await tx.query<AnsweredPage>(answeredPage, [tenantId, id, after]);
    return page ?? { last: null, text: null };
  }

  /** The next of all other lines behind a number, about a mebibyte of them. */
  async otherPage(tx: Transaction, { tenantId, id }: BatchPlace, after: number): Promise<OtherLine[]> {
    return tx.$queryRaw<OtherLine[]>`
      select number, custom_id as "customId", answer
        from (select number, custom_id, answer, coalesce(sum(octet_length(answer)) over lines, 0) as upto, row_number() over lines as place
                from (select number, custom_id, answer from batch_lines
                       where tenant_id = ${tenantId} and batch_id = ${id} and number > ${after} and state <> 'done'
                       order by number limit ${mostOfPage}) next
              window lines as (order by number)) counted
       where place = 1 or upto <= ${pageBytes} order by number`;
  }

  /** Makes sure that a run has its batch until the transaction ends. @throws LostBatchError. */
  async holdRun(tx: Transaction, { tenantId }: BatchPlace, owner: string): Promise<void> {
    const rows = await tx.$queryRaw<unknown[]>`
      select id from batch_runs where tenant_id = ${tenantId} and id = ${owner} for key share`;
    if (rows.length === 0) throw new LostBatchError();
  }
}

const lineFeed = Buffer.from('\n');

/** Nothing for what is undefined. */
function joinLines(lines: readonly (Buffer | undefined)[]): Buffer {
  return Buffer.concat(lines.flatMap((line, at) => [...(at === 0 ? [] : [lineFeed]), ...(line === undefined ? [] : [line])]));
}
