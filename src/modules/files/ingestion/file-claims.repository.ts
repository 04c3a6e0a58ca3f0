import { Injectable } from '@nestjs/common';
import type { FileState } from '../../../contracts/files.js';
import { idPrefixes } from '../../../kernel/ids.js';
import { Prisma } from '../../../platform/database/generated/client.js';
import type { Transaction } from '../../../platform/database/tenant-database.js';
import { FileAnnouncements } from '../watch/file-announcements.js';
import type { Claim, ClaimedFile } from '../record/file-record.js';
import { attemptLimit, stageOf, statesBefore, SupersededError } from './file-steps.js';

/** A run that has written nothing for this long has died; its claim may be taken over. */
const claimSeconds = 10;

/**
 * Nobody works on the file. Between its attempts `queued_at` is null; while it is worked on, that is when the run last
 * said that it lives.
 */
const isFree = Prisma.sql`(stage is null or queued_at is null or queued_at < now() - make_interval(secs => ${claimSeconds}))`;

/** What became of the wish to work on a file. */
export type ClaimResult = { readonly claimed: ClaimedFile } | 'over' | 'busy';

/**
 * What the pipeline writes. Every write names the attempt that makes it; one that was superseded gets SupersededError. A
 * write that ends the file announces the end in the same transaction.
 */
@Injectable()
export class FileClaimsRepository {
  constructor(private readonly announcements: FileAnnouncements) {}

  /**
   * Takes the file for a new attempt, unless a living run has it or it is `over`: gone, ready or failed. A file whose
   * attempts are used up fails here.
   */
  async take(tx: Transaction, tenantId: string, id: string): Promise<ClaimResult> {
    const table = tableOf(id);
    const rows = await tx.$queryRaw<{ id: string }[]>`
      update ${table} set attempts = attempts + 1, state = 'stored', stage = 'parse', percent = 0, queued_at = now(), updated_at = now()
       where tenant_id = ${tenantId} and id = ${id} and state not in ('ready', 'failed') and ${isFree}
         and attempts - round_start < ${attemptLimit}
      returning id`;
    if (rows.length > 0) return { claimed: await claimedOf(tx, tenantId, id) };
    if ((await this.failExhausted(tx, tenantId, id)) > 0) return 'over';
    const open = await tx.$queryRaw<object[]>`
      select from ${table} where tenant_id = ${tenantId} and id = ${id} and state not in ('ready', 'failed')`;
    return open.length === 0 ? 'over' : 'busy';
  }

  /** Moves the file one step on. @throws SupersededError, also for a step that is not the next one. */
  async transition(tx: Transaction, claim: Claim, to: FileState): Promise<void> {
    const percent = to === 'ready' ? 100 : 0;
    const values = Prisma.sql`state = ${to}, stage = ${stageOf(to)}, percent = ${percent}`;
    await this.write(tx, claim, values, Prisma.sql`and state = any (${statesBefore(to)}::text[])`);
    if (to === 'ready' || to === 'failed') await this.announce(tx, claim, to);
  }

  /** Ends a file of which nothing is made, once it has been judged. @throws SupersededError. */
  async finish(tx: Transaction, claim: Claim): Promise<void> {
    await this.write(tx, claim, Prisma.sql`state = 'ready', stage = ${stageOf('ready')}, percent = 100`);
    await this.announce(tx, claim, 'ready');
  }

  /** Says how far the present step has come. @throws SupersededError. */
  async progress(tx: Transaction, claim: Claim, percent: number): Promise<void> {
    await this.write(tx, claim, Prisma.sql`percent = ${percent}`);
  }

  /** Says that the run lives. @throws SupersededError. */
  async beat(tx: Transaction, claim: Claim): Promise<void> {
    await this.write(tx, claim, Prisma.sql`percent = percent`);
  }

  /** Ends the file as failed. @throws SupersededError. */
  async fail(tx: Transaction, claim: Claim, code: string, message: string): Promise<void> {
    await this.write(tx, claim, Prisma.sql`state = 'failed', error_code = ${code}, error_message = ${message}`);
    await this.announce(tx, claim, 'failed');
  }

  /** Lets go of the file after something that may pass; the reason stays, for the case that it was the last attempt. */
  async release(tx: Transaction, claim: Claim, code: string, message: string): Promise<void> {
    await this.write(
      tx,
      claim,
      Prisma.sql`state = 'stored', stage = 'parse', percent = 0, error_code = ${code}, error_message = ${message}`,
    );
    await this.unmark(tx, claim);
  }

  /** Lets go of the file because the process stops: the file waits as if this attempt had not been. */
  async giveBack(tx: Transaction, claim: Claim): Promise<void> {
    await this.write(tx, claim, Prisma.sql`state = 'stored', stage = null, percent = 0, round_start = round_start + 1`);
    await this.unmark(tx, claim);
  }

  private async failExhausted(tx: Transaction, tenantId: string, id: string): Promise<number> {
    const failed = await tx.$executeRaw`
      update ${tableOf(id)} set state = 'failed', error_code = coalesce(error_code, 'processing_failed'),
             error_message = coalesce(error_message, ${'Processing the file failed several times. Upload it again, or ask your administrator.'}),
             updated_at = now()
       where tenant_id = ${tenantId} and id = ${id} and state not in ('ready', 'failed')
         and attempts - round_start >= ${attemptLimit} and ${isFree}`;
    if (failed > 0 && !isFurther(id)) await this.announcements.announce(tx, tenantId, id, 'failed');
    return failed;
  }

  private async write(tx: Transaction, claim: Claim, values: Prisma.Sql, further = Prisma.empty): Promise<void> {
    const [id, { tenantId, attempt }] = [rowIdOf(claim), claim];
    const count = await tx.$executeRaw`
      update ${tableOf(id)} set ${values}, queued_at = now(), updated_at = now()
       where tenant_id = ${tenantId} and id = ${id} and attempts = ${attempt} and stage is not null
         and state not in ('ready', 'failed') ${further}`;
    if (count === 0) throw new SupersededError();
  }

  private async unmark(tx: Transaction, claim: Claim): Promise<void> {
    const id = rowIdOf(claim);
    await tx.$executeRaw`
      update ${tableOf(id)} set queued_at = null where tenant_id = ${claim.tenantId} and id = ${id} and attempts = ${claim.attempt}`;
  }

  /** The file's own end alone is told: a further ingestion belongs to whoever asked for it. */
  private async announce(tx: Transaction, { tenantId, id, ingestionId }: Claim, end: 'ready' | 'failed'): Promise<void> {
    if (ingestionId === '') await this.announcements.announce(tx, tenantId, id, end);
  }
}

/** Whether the id is that of an ingestion beside the file's own. */
export function isFurther(id: string): boolean {
  return id.startsWith(idPrefixes.ingestion);
}

function rowIdOf({ id, ingestionId }: Claim): string {
  return ingestionId === '' ? id : ingestionId;
}

/** Where the state stands: of a file's own ingestion in its row, since the release before claims that. */
function tableOf(id: string): Prisma.Sql {
  return isFurther(id) ? Prisma.sql`ingestions` : Prisma.sql`files`;
}

async function claimedOf(tx: Transaction, tenantId: string, id: string): Promise<ClaimedFile> {
  const ofFile = Prisma.sql`f.tenant_id as "tenantId", f.id, f.filename, f.media_type as "mediaType", f.storage_key as "storageKey", f.kind, f.purpose, f.bytes::float8 as bytes`;
  const [claimed] = isFurther(id)
    ? await tx.$queryRaw<ClaimedFile[]>`
        select ${ofFile}, coalesce(i.key_id, f.key_id) as "keyId", i.id as "ingestionId", i.attempts as attempt, i.dataset_id as "datasetId", i.conversation_id as "conversationId",
               i.chunk_tokens as "chunkTokens", i.overlap_tokens as "overlapTokens"
          from ingestions i join files f on f.tenant_id = i.tenant_id and f.id = i.file_id
         where i.tenant_id = ${tenantId} and i.id = ${id} and not i.is_own`
    : await tx.$queryRaw<ClaimedFile[]>`
        select ${ofFile}, f.key_id as "keyId", '' as "ingestionId", f.attempts as attempt, f.dataset_id as "datasetId", f.conversation_id as "conversationId",
               null::int as "chunkTokens", null::int as "overlapTokens"
          from files f where f.tenant_id = ${tenantId} and f.id = ${id}`;
  if (claimed === undefined) throw new SupersededError();
  return claimed;
}
