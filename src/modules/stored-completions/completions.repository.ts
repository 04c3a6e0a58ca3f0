import { Injectable } from '@nestjs/common';
import { metadataFilter, type ListCompletionsQuery } from '../../contracts/completions.js';
import type { RowPage } from '../../contracts/lists.js';
import { AppError } from '../../kernel/app-error.js';
import { Prisma } from '../../platform/database/generated/client.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import { storable } from '../conversations/storable-json.js';
import type { CompletionOwner, CompletionRecord, NewCompletion } from './completion-record.js';
import { packedTexts } from './packed-texts.js';

/** Behind so many bytes of completions a page ends. */
const pageBytes = 1024 * 1024;
/** What the column of the model takes; published names are shorter. */
const modelCharacters = 512;

/** The rows of stored completions. Each method asks for the key too: a completion of another key is none. */
@Injectable()
export class CompletionsRepository {
  async insert(tx: Transaction, { tenantId, keyId }: CompletionOwner, made: NewCompletion): Promise<void> {
    const { id, completion } = made;
    const { texts, ends } = packedTexts(made.messages);
    const [model, metadata] = [storable(made.model.slice(0, modelCharacters)), JSON.stringify(storable(made.metadata))];
    await tx.$executeRaw`
      insert into stored_completions (tenant_id, id, key_id, model, metadata, completion, messages, message_texts, message_ends, bytes)
      values (${tenantId}, ${id}, ${keyId}, ${model}, ${metadata}::jsonb, ${completion}::json, '[]', ${texts}, ${ends}, ${Buffer.byteLength(completion)})`;
  }

  async find(tx: Transaction, { tenantId, keyId }: CompletionOwner, id: string): Promise<CompletionRecord | undefined> {
    const [row] = await tx.$queryRaw<CompletionRecord[]>`
      select id, metadata, completion::text as completion from stored_completions
       where tenant_id = ${tenantId} and id = ${id} and key_id = ${keyId}`;
    return row;
  }

  /** Whether the key has it. */
  async has(tx: Transaction, { tenantId, keyId }: CompletionOwner, id: string): Promise<boolean> {
    return (await tx.storedCompletion.count({ where: { tenantId, id, keyId } })) > 0;
  }

  /** Replaces the metadata. @returns undefined when the key has no such completion. */
  async update(
    tx: Transaction,
    owner: CompletionOwner,
    id: string,
    metadata: Readonly<Record<string, string>>,
  ): Promise<CompletionRecord | undefined> {
    const { tenantId, keyId } = owner;
    await tx.storedCompletion.updateMany({ where: { tenantId, id, keyId }, data: { metadata: storable(metadata) } });
    return this.find(tx, owner, id);
  }

  /** @returns false when the key has no such completion. */
  async delete(tx: Transaction, { tenantId, keyId }: CompletionOwner, id: string): Promise<boolean> {
    const { count } = await tx.storedCompletion.deleteMany({ where: { tenantId, id, keyId } });
    return count > 0;
  }

  /**
   * One page by time. It ends early, with more to come, behind the completion with which it comes to more than a mebibyte:
   * the texts of what is not shown are not read.
   * @throws AppError invalid_value for a cursor that is none of the key's completions.
   */
  async list(tx: Transaction, owner: CompletionOwner, query: ListCompletionsQuery): Promise<RowPage<CompletionRecord>> {
    const { tenantId, keyId } = owner;
    const [direction, than] = query.order === 'asc' ? [Prisma.sql`asc`, Prisma.sql`>`] : [Prisma.sql`desc`, Prisma.sql`<`];
    const rows = await tx.$queryRaw<(CompletionRecord & { behind: number })[]>`
      with page as (
        select id, bytes, created_at from stored_completions
         where tenant_id = ${tenantId} and key_id = ${keyId} ${filterOf(query)} ${await this.beyond(tx, owner, query.after, than)}
         order by created_at ${direction}, id ${direction} limit ${query.limit + 1}
      ), summed as (
        select id, bytes, sum(bytes) over seen as total, row_number() over seen as place, count(*) over () as rows
          from page window seen as (order by created_at ${direction}, id ${direction})
      )
      select c.id, c.metadata, c.completion::text as completion, (s.rows - s.place)::integer as behind
        from summed s join stored_completions c on c.tenant_id = ${tenantId} and c.id = s.id
       where s.total - s.bytes <= ${pageBytes} and s.place <= ${query.limit} order by s.place`;
    return { rows, hasMore: (rows.at(-1)?.behind ?? 0) > 0 };
  }

  /** Removes up to `limit` completions of a key that is deleted. @returns how many. */
  async removeOfKey(tx: Transaction, tenantId: string, keyId: string, limit: number): Promise<number> {
    return tx.$executeRaw`
      delete from stored_completions where tenant_id = ${tenantId} and id in
        (select id from stored_completions where tenant_id = ${tenantId} and key_id = ${keyId} limit ${limit})`;
  }

  /** Gives up to `limit` completions to another key. @returns how many. */
  async moveOfKey(tx: Transaction, tenantId: string, keyId: string, to: string, limit: number): Promise<number> {
    return tx.$executeRaw`
      update stored_completions set key_id = ${to} where tenant_id = ${tenantId} and id in
        (select id from stored_completions where tenant_id = ${tenantId} and key_id = ${keyId} limit ${limit})`;
  }

  private async beyond(
    tx: Transaction,
    { tenantId, keyId }: CompletionOwner,
    after: string | undefined,
    than: Prisma.Sql,
  ): Promise<Prisma.Sql> {
    if (after === undefined) return Prisma.empty;
    const row = await tx.storedCompletion.findFirst({ where: { tenantId, id: after, keyId }, select: { createdAt: true } });
    if (row === null) throw noSuchCursor();
    return Prisma.sql`and (created_at, id) ${than} (${row.createdAt}, ${after})`;
  }
}

/** The refusal of an `after` that names nothing of the list. */
export function noSuchCursor(): AppError {
  return new AppError('invalid_value', {
    param: 'after',
    message: "The cursor 'after' is not the id of an item of this list.",
  });
}

function filterOf(query: ListCompletionsQuery): Prisma.Sql {
  const pairs = metadataFilter(query);
  const model = query.model === undefined ? Prisma.empty : Prisma.sql`and model = ${query.model}`;
  if (Object.keys(pairs).length === 0) return model;
  return Prisma.sql`${model} and metadata @> ${JSON.stringify(storable(pairs))}::jsonb`;
}
