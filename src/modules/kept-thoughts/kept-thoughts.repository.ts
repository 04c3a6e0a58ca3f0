import { Injectable } from '@nestjs/common';
import { patienceMs } from '../../platform/database/patience.js';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';
import { holdKey } from '../keys/key-hold.js';
import type { CallOrigin } from './tool-call.js';

/** So many bytes are read for one request, what was asked for first before the rest. */
const maxFoundBytes = 8 * 1024 * 1024;

/** Whose rows are meant: they belong to the key. */
type Owner = Pick<CallOrigin, 'tenantId' | 'keyId'>;

/** What is to be kept under a mark. */
export interface KeptRow {
  readonly mark: string;
  /** Sealed; null for what is nobody's. */
  readonly content: Uint8Array | null;
}

/** A row that was found. */
export interface FoundRow {
  readonly mark: string;
  /** Sealed. */
  readonly content: Uint8Array;
  /** How long it is still kept. */
  readonly leftMs: number;
}

/** The rows of what is kept with calls of tools. */
@Injectable()
export class KeptThoughtsRepository {
  constructor(private readonly database: TenantDatabase) {}

  /** What the key has under these marks; those that are nobody's are left out. @throws DatabaseAwayError. */
  async find({ tenantId, keyId }: Owner, marks: readonly string[]): Promise<FoundRow[]> {
    return this.database.run(
      tenantId,
      (tx) => tx.$queryRaw<FoundRow[]>`
        with kept as (
          select k.id, k.content, k.expires_at, sum(octet_length(k.content)) over (order by asked.place) as bytes
            from unnest(${[...marks]}::text[]) with ordinality as asked (id, place)
            join kept_thoughts k on k.tenant_id = ${tenantId} and k.key_id = ${keyId} and k.id = asked.id
           where k.content is not null and k.expires_at > now()
        )
        select id as mark, content, (extract(epoch from expires_at - now()) * 1000)::float8 as "leftMs"
          from kept where bytes <= ${maxFoundBytes}`,
      patienceMs.unknown,
    );
  }

  /**
   * Keeps rows for a day, for the key as long as there is one. What is under one of the marks already is nobody's from then on.
   * @throws AppError invalid_api_key when the key was deleted; DatabaseAwayError.
   */
  async insert({ tenantId, keyId }: Owner, rows: readonly KeptRow[]): Promise<void> {
    const marks = rows.map(({ mark }) => mark);
    const contents = rows.map(({ content }) => (content === null ? null : Buffer.from(content).toString('base64')));
    const write = async (tx: Transaction): Promise<void> => {
      await holdKey(tx, tenantId, keyId);
      await tx.$executeRaw`
        insert into kept_thoughts as k (tenant_id, key_id, id, content, expires_at)
        select ${tenantId}, ${keyId}, made.id, decode(made.content, 'base64'), now() + interval '1 day'
          from unnest(${marks}::text[], ${contents}::text[]) as made (id, content) order by made.id
        on conflict (tenant_id, key_id, id) do update
          set content = case when k.expires_at <= now() then excluded.content end, created_at = now(), expires_at = excluded.expires_at`;
    };
    await this.database.run(tenantId, write, patienceMs.unknown);
  }

  /** Removes up to `limit` rows of a key that is deleted. @returns how many. */
  async removeOfKey(tx: Transaction, tenantId: string, keyId: string, limit: number): Promise<number> {
    return tx.$executeRaw`
      delete from kept_thoughts where tenant_id = ${tenantId} and key_id = ${keyId} and id in
        (select id from kept_thoughts where tenant_id = ${tenantId} and key_id = ${keyId} limit ${limit})`;
  }
}
