import { Injectable } from '@nestjs/common';
import { idPrefixes } from '../../../kernel/ids.js';
import { Prisma } from '../../../platform/database/generated/client.js';
import type { StatementTransaction, Transaction } from '../../../platform/database/tenant-database.js';
import { FileAnnouncements } from '../watch/file-announcements.js';
import type { Claim, ClaimedFile } from '../record/file-record.js';
import { attemptLimit, stageOf, statesBefore, SupersededError, type FileStep } from './file-steps.js';

/** A run that has written nothing for this long has died; its claim may be taken over. */
const claimSeconds = 10;

/**
 * Nobody works on the file. Between its attempts `queued_at` is null; while it is worked on, that is when the run last
 * said that it lives.
 */
const isFree = (row: 'files' | 'ingestions' | 't'): Prisma.Sql => {
  const its = Prisma.raw(row);
  return Prisma.sql`(${its}.stage is null or ${its}.queued_at is null or ${its}.queued_at < now() - make_interval(secs => ${claimSeconds}))`;
};

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
    const claimed = await this.claim(tx, tenantId, id);
    if (claimed !== undefined) return { claimed };
    if ((await this.failExhausted(tx, tenantId, id)) > 0) return 'over';
    const open = await tx.$queryRaw<object[]>`
      select from ${tableOf(id)} where tenant_id = ${tenantId} and id = ${id} and state not in ('ready', 'failed')`;
    return open.length === 0 ? 'over' : 'busy';
  }

  /** Takes the file for a new attempt where that can be done; undefined where `take` has more to say. */
  async claim(tx: StatementTransaction, tenantId: string, id: string): Promise<ClaimedFile | undefined> {
    const values = Prisma.sql`attempts = t.attempts + 1, state = 'stored', stage = 'parse', percent = 0, queued_at = now(), updated_at = now()`;
    const isOpen = Prisma.sql`t.tenant_id = ${tenantId} and t.id = ${id} and t.state not in ('ready', 'failed') and ${isFree('t')}
         and t.attempts - t.round_start < ${attemptLimit}`;
    const [claimed] = isFurther(id)
      ? await tx.$queryRaw<ClaimedFile[]>`
        update ingestions t set ${values} from files f
         where f.tenant_id = t.tenant_id and f.id = t.file_id and not t.is_own and ${isOpen}
        returning ${ofFile('f')}, coalesce(t.key_id, f.key_id) as "keyId", t.id as "ingestionId", t.attempts as attempt, t.dataset_id as "datasetId",
                  t.conversation_id as "conversationId", t.chunk_tokens as "chunkTokens", t.overlap_tokens as "overlapTokens", ${datasetOf}`
      : await tx.$queryRaw<ClaimedFile[]>`
        update files t set ${values} where ${isOpen}
        returning ${ofFile('t')}, t.key_id as "keyId", '' as "ingestionId", t.attempts as attempt, t.dataset_id as "datasetId",
                  t.conversation_id as "conversationId", null::int as "chunkTokens", null::int as "overlapTokens", ${datasetOf}`;
    return claimed;
  }

  /**
   * Moves the file on to a later state, over those that nobody needs to see; that it is ready is told by `announce`.
   * @throws SupersededError, also for a state that is no later one.
   */
  async advance(tx: StatementTransaction, claim: Claim, to: FileStep): Promise<void> {
    const values = Prisma.sql`state = ${to}, stage = ${stageOf(to)}, percent = ${to === 'ready' ? 100 : 0}`;
    await this.write(tx, claim, values, Prisma.sql`and state = any (${statesBefore(to)}::text[])`);
  }

  /** Whether anybody is to be told of ends of the tenant's files. */
  async hasListeners(tx: StatementTransaction, tenantId: string): Promise<boolean> {
    const found = await tx.$queryRaw<object[]>`select from webhooks where tenant_id = ${tenantId} and state = 'active' limit 1`;
    return found.length > 0;
  }

  /** Ends a file of which nothing is made, once it has been judged. @throws SupersededError. */
  async finish(tx: Transaction, claim: Claim): Promise<void> {
    await this.write(tx, claim, Prisma.sql`state = 'ready', stage = ${stageOf('ready')}, percent = 100`);
    await this.announce(tx, claim, 'ready');
  }

  /** Says how far the present step has come. @throws SupersededError. */
  async progress(tx: StatementTransaction, claim: Claim, percent: number): Promise<void> {
    await this.write(tx, claim, Prisma.sql`percent = ${percent}`);
  }

  /** Says that the run lives. @throws SupersededError. */
  async beat(tx: StatementTransaction, claim: Claim): Promise<void> {
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
         and attempts - round_start >= ${attemptLimit} and ${isFree(isFurther(id) ? 'ingestions' : 'files')}`;
    if (failed > 0 && !isFurther(id)) await this.announcements.announce(tx, tenantId, id, 'failed');
    return failed;
  }

  private async write(tx: StatementTransaction, claim: Claim, values: Prisma.Sql, further = Prisma.empty): Promise<void> {
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

  /** Tells of the end that was written. The file's own alone is told: a further ingestion belongs to whoever asked for it. */
  async announce(tx: Transaction, { tenantId, id, ingestionId }: Claim, end: 'ready' | 'failed'): Promise<void> {
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

function ofFile(row: 'f' | 't'): Prisma.Sql {
  const its = Prisma.raw(row);
  return Prisma.sql`${its}.tenant_id as "tenantId", ${its}.id, ${its}.filename, ${its}.media_type as "mediaType", ${its}.storage_key as "storageKey",
    ${its}.kind, ${its}.purpose, ${its}.bytes::float8 as bytes`;
}

const datasetOf = Prisma.sql`
  (select json_build_object('kind', d.kind, 'chunkTokens', d.chunk_tokens, 'overlapTokens', d.overlap_tokens, 'hiddenSheets', d.hidden_sheets,
                            'ocrLanguages', d.ocr_languages, 'connectionId', d.connection_id, 'model', d.model)
     from datasets d where d.tenant_id = t.tenant_id and d.id = t.dataset_id) as dataset`;
