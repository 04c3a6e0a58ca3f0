import { Injectable } from '@nestjs/common';
import { madePurposes } from '../../../contracts/files.js';
import { uploadLimitsOf } from '../../../contracts/key-limits.js';
import { AppError } from '../../../kernel/app-error.js';
import type { StatementTransaction, Transaction } from '../../../platform/database/tenant-database.js';

/** Whose limits an upload counts against: the key's, those of the keys that it links, and the tenant's. */
export interface Uploader {
  readonly tenantId: string;
  readonly keyId: string;
  readonly linkedKeyIds: readonly string[];
  /** What was known when the call was let in: a hint, the transaction knows better. Default: nothing limits the uploads. */
  readonly isLimited?: boolean;
}

/** Who has a limit on uploads. */
export interface Subject {
  /** Null: the tenant as a whole. */
  readonly keyId: string | null;
  readonly owner: 'key' | 'tenant' | 'ceiling';
  readonly uploadsPerDay: number | null;
  readonly storedBytes: number | null;
}

/** A subject with what counts for it now. */
export interface UploadState extends Consumed {
  readonly subject: Subject;
}

interface Consumed {
  readonly uploads: number;
  readonly bytes: bigint;
  /** Until the oldest upload of the last 24 hours counts no more, in seconds. */
  readonly freeInSeconds: number | null;
}

/** The limits on uploads, `uploads_per_day` (the last 24 hours) and `stored_bytes`, of keys and tenants. */
@Injectable()
export class UploadLimits {
  /**
   * Refuses an upload for which there is no room. To be asked in the transaction that inserts the file: where limits are
   * set, uploads of one tenant are counted one after another until it ends.
   * @throws AppError rate_limit_exceeded with Retry-After for too many uploads, insufficient_quota for too many bytes.
   */
  async check(tx: Transaction, uploader: Uploader, bytes: number): Promise<void> {
    await this.judge(tx, uploader, bytes, await this.subjects(tx, uploader));
  }

  /** The same for a content that is not an upload of its own: only its bytes count. @throws AppError insufficient_quota. */
  async checkRoom(tx: Transaction, uploader: Uploader, bytes: number): Promise<void> {
    const subjects = await this.subjects(tx, uploader);
    const limited = subjects.filter(({ storedBytes }) => storedBytes !== null);
    await this.judge(
      tx,
      uploader,
      bytes,
      limited.map((subject) => ({ ...subject, uploadsPerDay: null })),
    );
  }

  /** `check` for who knows already whose limits count (`limitedBy`). @throws AppError as `check`. */
  async judge(tx: StatementTransaction, { tenantId }: Uploader, bytes: number, subjects: readonly Subject[]): Promise<void> {
    if (subjects.length === 0) return;
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`gt-uploads ${tenantId}`}, 0))`;
    for (const subject of subjects) judge(subject, await this.consumed(tx, tenantId, subject.keyId), bytes);
  }

  /** What counts of each limit now. */
  async states(tx: Transaction, uploader: Uploader): Promise<UploadState[]> {
    const states: UploadState[] = [];
    for (const subject of await this.subjects(tx, uploader))
      states.push({ subject, ...(await this.consumed(tx, uploader.tenantId, subject.keyId)) });
    return states;
  }

  private async subjects(tx: Transaction, uploader: Uploader): Promise<Subject[]> {
    const { tenantId, keyId, linkedKeyIds } = uploader;
    const rows = await tx.$queryRaw<{ id: string | null; limits: unknown }[]>`
      select null as id, jsonb_build_array(limits, ceiling) as limits from tenants where id = ${tenantId}
       union all
      select id, limits from keys where tenant_id = ${tenantId} and id = any (${[keyId, ...linkedKeyIds]}::text[])`;
    const ofKeys = Object.fromEntries(rows.flatMap(({ id, limits }) => (id === null ? [] : [[id, limits]])));
    const ofTenant = rows.flatMap(({ id, limits }) => (id === null ? (limits as unknown[]) : []));
    return limitedBy(uploader, ofTenant, ofKeys);
  }

  /** Of a key: also what the keys that link it have uploaded. What the platform made, and parts of open uploads, take room and are no uploads. */
  private async consumed(tx: StatementTransaction, tenantId: string, keyId: string | null): Promise<Consumed> {
    const [row] = await tx.$queryRaw<(Omit<Consumed, 'bytes'> & { readonly bytes: string })[]>`
      select count(*) filter (where recent)::int as uploads, coalesce(sum(bytes), 0)::text as bytes,
             extract(epoch from min(created_at) filter (where recent) + interval '24 hours' - now())::int as "freeInSeconds"
        from (select bytes, created_at, key_id, created_at > now() - interval '24 hours' and purpose <> all (${[...madePurposes]}::text[]) as recent
                from files where tenant_id = ${tenantId}
               union all
              select bytes, created_at, key_id, false from upload_parts where tenant_id = ${tenantId}) as counted
       where ${keyId}::text is null or key_id = ${keyId} or key_id in
             (select id from keys where tenant_id = ${tenantId} and (upload_key_id = ${keyId} or inference_key_id = ${keyId}))`;
    return row === undefined ? { uploads: 0, bytes: 0n, freeInSeconds: null } : { ...row, bytes: BigInt(row.bytes) };
  }
}

/**
 * Whose limits an upload counts against: of the uploader's key, those that it links and the tenant, those that have any.
 * @param ofTenant its own, then the operators'.
 */
export function limitedBy(
  { keyId, linkedKeyIds }: Uploader,
  ofTenant: readonly unknown[],
  ofKeys: Readonly<Record<string, unknown>>,
): Subject[] {
  return [
    ...[keyId, ...linkedKeyIds].flatMap((id) => subjectOf({ keyId: id, owner: 'key' }, ofKeys[id])),
    ...ofTenant.flatMap((limits, at) => subjectOf({ keyId: null, owner: at === 0 ? 'tenant' : 'ceiling' }, limits)),
  ];
}

function subjectOf(who: Pick<Subject, 'keyId' | 'owner'>, stored: unknown): Subject[] {
  const limits = uploadLimitsOf(stored);
  return limits === undefined ? [] : [{ ...who, uploadsPerDay: limits.uploads_per_day, storedBytes: limits.stored_bytes }];
}

function judge({ keyId, uploadsPerDay, storedBytes }: Subject, { uploads, bytes, freeInSeconds }: Consumed, more: number): void {
  const whose = keyId === null ? 'this tenant' : 'this API key';
  if (uploadsPerDay !== null && uploads >= uploadsPerDay) {
    const seconds = Math.max(1, freeInSeconds ?? 86_400);
    throw new AppError('rate_limit_exceeded', {
      message: `Rate limit reached for uploads of ${whose} per day: Limit ${uploadsPerDay}, Used ${uploads}, Requested 1. Please try again in ${seconds}s.`,
      headers: { 'retry-after': String(seconds), 'retry-after-ms': String(seconds * 1000) },
    });
  }
  if (storedBytes !== null && Number(bytes) + more > storedBytes) {
    throw new AppError('insufficient_quota', {
      message: `The files of ${whose} may have ${storedBytes} bytes together; ${bytes} are stored. Delete files, or ask the administrator of your tenant.`,
      headers: { 'x-should-retry': 'false' },
    });
  }
}
