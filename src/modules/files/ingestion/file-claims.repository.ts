import { Injectable } from '@nestjs/common';
import type { FileState } from '../../../contracts/files.js';
import { Prisma } from '../../../platform/database/generated/client.js';
import type { Transaction } from '../../../platform/database/tenant-database.js';
import { wordVectors } from '../../../platform/words/word-vector.js';
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

/** What is known of one passage before it is stored. */
export interface NewChunk {
  readonly text: string;
  readonly tokens: number;
  readonly source: object;
}

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
    const rows = await tx.$queryRaw<ClaimedFile[]>`
      update files set attempts = attempts + 1, state = 'stored', stage = 'parse', percent = 0, queued_at = now(), updated_at = now()
       where tenant_id = ${tenantId} and id = ${id} and state not in ('ready', 'failed') and ${isFree}
         and attempts - round_start < ${attemptLimit}
      returning tenant_id as "tenantId", id, attempts as attempt, filename, media_type as "mediaType", storage_key as "storageKey",
                key_id as "keyId", dataset_id as "datasetId", conversation_id as "conversationId"`;
    const [claimed] = rows;
    if (claimed !== undefined) return { claimed };
    if ((await this.failExhausted(tx, tenantId, id)) > 0) return 'over';
    const open = await tx.file.count({ where: { tenantId, id, state: { notIn: ['ready', 'failed'] } } });
    return open === 0 ? 'over' : 'busy';
  }

  /** Moves the file one step on. @throws SupersededError, also for a step that is not the next one. */
  async transition(tx: Transaction, claim: Claim, to: FileState): Promise<void> {
    const percent = to === 'ready' ? 100 : 0;
    const values = Prisma.sql`state = ${to}, stage = ${stageOf(to)}, percent = ${percent}`;
    await this.write(tx, claim, values, Prisma.sql`and state = any (${statesBefore(to)}::text[])`);
    if (to === 'ready' || to === 'failed') await this.announcements.announce(tx, claim.tenantId, claim.id, to);
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
    await this.announcements.announce(tx, claim.tenantId, claim.id, 'failed');
  }

  /** Lets go of the file after something that may pass; the reason stays, for the case that it was the last attempt. */
  async release(tx: Transaction, claim: Claim, code: string, message: string): Promise<void> {
    await this.write(
      tx,
      claim,
      Prisma.sql`state = 'stored', stage = 'parse', percent = 0, error_code = ${code}, error_message = ${message}`,
    );
    await tx.$executeRaw`update files set queued_at = null where tenant_id = ${claim.tenantId} and id = ${claim.id} and attempts = ${claim.attempt}`;
  }

  /** Lets go of the file because the process stops: the file waits as if this attempt had not been. */
  async giveBack(tx: Transaction, claim: Claim): Promise<void> {
    await this.write(tx, claim, Prisma.sql`state = 'stored', stage = null, percent = 0, round_start = round_start + 1`);
    await tx.$executeRaw`update files set queued_at = null where tenant_id = ${claim.tenantId} and id = ${claim.id} and attempts = ${claim.attempt}`;
  }

  /** Puts these passages in the place of all that the file had. The vectors belong to the chunks of the same place. */
  async replaceChunks(
    tx: Transaction,
    file: ClaimedFile,
    chunks: readonly NewChunk[],
    model: string | null,
    vectors: readonly Float32Array[],
  ): Promise<void> {
    // Locks the row: an attempt that takes over meanwhile waits for the end of this transaction, or was first.
    await this.beat(tx, file);
    await tx.chunk.deleteMany({ where: { tenantId: file.tenantId, fileId: file.id } });
    for (let at = 0; at < chunks.length; at += chunksPerInsert) {
      const inserted = chunks.slice(at, at + chunksPerInsert);
      const words = await wordVectors(inserted.map(({ text }) => text));
      const rows = inserted.map(({ text, tokens, source }, place) => {
        const vector = vectors[at + place];
        const embedding = vector === undefined ? [] : [...vector];
        return { ordinal: at + place, text, words: words[place], tokens, source, embedding };
      });
      await tx.$executeRaw`
        insert into chunks (tenant_id, file_id, ordinal, dataset_id, conversation_id, attempt, text, search_words, tokens, source, embedding_model, embedding)
        select ${file.tenantId}, ${file.id}, c.ordinal, ${file.datasetId}, ${file.conversationId}, ${file.attempt}, c.text, c.words, c.tokens, c.source, ${model}, c.embedding
          from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as c(ordinal int, text text, words tsvector, tokens int, source jsonb, embedding real[])`;
    }
  }

  private async failExhausted(tx: Transaction, tenantId: string, id: string): Promise<number> {
    const failed = await tx.$executeRaw`
      update files set state = 'failed', error_code = coalesce(error_code, 'processing_failed'),
             error_message = coalesce(error_message, ${'Processing the file failed several times. Upload it again, or ask your administrator.'}),
             updated_at = now()
       where tenant_id = ${tenantId} and id = ${id} and state not in ('ready', 'failed')
         and attempts - round_start >= ${attemptLimit} and ${isFree}`;
    if (failed > 0) await this.announcements.announce(tx, tenantId, id, 'failed');
    return failed;
  }

  private async write(
    tx: Transaction,
    { tenantId, id, attempt }: Claim,
    values: Prisma.Sql,
    further = Prisma.empty,
  ): Promise<void> {
    const count = await tx.$executeRaw`
      update files set ${values}, queued_at = now(), updated_at = now()
       where tenant_id = ${tenantId} and id = ${id} and attempts = ${attempt} and stage is not null
         and state not in ('ready', 'failed') ${further}`;
    if (count === 0) throw new SupersededError();
  }
}

const chunksPerInsert = 100;
