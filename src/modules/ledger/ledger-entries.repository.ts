import { Injectable } from '@nestjs/common';
import { ledgerKinds, type ListLedgerQuery } from '../../contracts/ledger.js';
import type { RowPage } from '../../contracts/lists.js';
import { pageFrom } from '../../platform/database/cursor.js';
import { Prisma } from '../../platform/database/generated/client.js';
import { TenantDatabase, type PlainTransaction } from '../../platform/database/tenant-database.js';
import { entryOfId, type LedgerEntryKey, type LedgerEntryRecord } from './ledger-entry.js';

/** Where an entry stands in the list. */
interface Place extends LedgerEntryKey {
  readonly at: Date;
}

const columns = Prisma.sql`
  call_id as "callId", budget_id as "budgetId", kind, part, starts_at as "startsAt", at, amount::float8 as amount, currency, tokens,
  is_assumed as "isAssumed"`;

/** Which of the entries of a call this is, as they follow each other: what is reserved is settled or given back. */
const step = Prisma.sql`array_position(${[...ledgerKinds]}::text[], kind)`;

/** Reads the entries of a tenant's ledger, which the drain of usage writes. */
@Injectable()
export class LedgerEntriesRepository {
  constructor(private readonly database: TenantDatabase) {}

  /** One page by the times at which the calls began. @throws AppError invalid_value for a cursor that is no entry. */
  list(tenantId: string, query: ListLedgerQuery): Promise<RowPage<LedgerEntryRecord>> {
    return this.database.runPlain(tenantId, (transaction) =>
      pageFrom<LedgerEntryRecord, Place>(query, {
        find: (id) => find(transaction, tenantId, id),
        list: (from, direction, take) => {
          const isUp = direction === 'asc';
          const way = isUp ? Prisma.sql`asc` : Prisma.sql`desc`;
          return transaction.$queryRaw<LedgerEntryRecord[]>`
            select ${columns} from ledger_entries where ${Prisma.join([...conditions(tenantId, query), beyond(from, isUp)], ' and ')}
             order by at ${way}, call_id ${way}, budget_id ${way}, part ${way}, ${step} ${way} limit ${take}` as Promise<
            LedgerEntryRecord[]
          >;
        },
      }),
    );
  }
}

async function find(transaction: PlainTransaction, tenantId: string, id: string): Promise<Place | null> {
  const key = entryOfId(id);
  if (key === undefined) return null;
  const { callId, budgetId, kind, part } = key;
  const rows = await transaction.$queryRaw<{ at: Date }[]>`
    select at from ledger_entries
     where tenant_id = ${tenantId} and call_id = ${callId} and budget_id = ${budgetId} and kind = ${kind} and part = ${part}`;
  return rows[0] === undefined ? null : { ...key, at: rows[0].at };
}

function conditions(tenantId: string, { call, budget, kind, since, until }: ListLedgerQuery): Prisma.Sql[] {
  return [
    Prisma.sql`tenant_id = ${tenantId}`,
    ...(call === undefined ? [] : [Prisma.sql`call_id = ${call}`]),
    ...(budget === undefined ? [] : [Prisma.sql`budget_id = ${budget}`]),
    ...(kind === undefined ? [] : [Prisma.sql`kind = ${kind}`]),
    ...(since === undefined ? [] : [Prisma.sql`at >= ${new Date(since * 1000)}`]),
    ...(until === undefined ? [] : [Prisma.sql`at < ${new Date(until * 1000)}`]),
  ];
}

function beyond(place: Place | undefined, isUp: boolean): Prisma.Sql {
  if (place === undefined) return Prisma.sql`true`;
  const { at, callId, budgetId, kind, part } = place;
  const row = Prisma.sql`(${at}, ${callId}, ${budgetId}, ${part}, ${ledgerKinds.indexOf(kind) + 1})`;
  return isUp
    ? Prisma.sql`(at, call_id, budget_id, part, ${step}) > ${row}`
    : Prisma.sql`(at, call_id, budget_id, part, ${step}) < ${row}`;
}
