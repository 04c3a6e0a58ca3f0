import { Injectable } from '@nestjs/common';
import type { ListQuery, RowPage } from '../../contracts/lists.js';
import { readPage } from '../../platform/database/cursor.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { ConversationOwner, ConversationRecord } from './conversation-record.js';
import { storable } from './storable-json.js';

/** Where a conversation's first item stands. */
export const firstPosition = 1n;

export interface ConversationValues {
  readonly title?: string | null;
  readonly model?: string | null;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The rows of conversations. Each method asks for the key too: a conversation of another key is none. */
@Injectable()
export class ConversationsRepository {
  async find(tx: Transaction, { tenantId, keyId }: ConversationOwner, id: string): Promise<ConversationRecord | null> {
    return tx.conversation.findFirst({ where: { tenantId, id, keyId } });
  }

  async list(tx: Transaction, { tenantId, keyId }: ConversationOwner, query: ListQuery): Promise<RowPage<ConversationRecord>> {
    return readPage(query, {
      find: (id) => tx.conversation.findFirst({ where: { tenantId, id, keyId }, select: { id: true, createdAt: true } }),
      list: (page) =>
        tx.conversation.findMany({ where: { tenantId, keyId, ...page.where }, orderBy: page.orderBy, take: page.take }),
    });
  }

  /** Inserts a conversation with room for this many items, the first at `firstPosition`. */
  async insert(
    tx: Transaction,
    { tenantId, keyId }: ConversationOwner,
    id: string,
    values: ConversationValues,
    items: number,
  ): Promise<ConversationRecord> {
    return tx.conversation.create({
      data: { tenantId, keyId, id, nextPosition: firstPosition + BigInt(items), ...columns(values) },
    });
  }

  /** The id of the conversation that this name stands for. */
  async findForeign(tx: Transaction, { tenantId, keyId }: ConversationOwner, foreignId: string): Promise<string | undefined> {
    const found = await tx.conversation.findUnique({
      where: { tenantId_keyId_foreignId: { tenantId, keyId, foreignId } },
      select: { id: true },
    });
    return found?.id;
  }

  /** Inserts a conversation under this name unless another call has just done so; then that one's stays. */
  async insertForeign(
    tx: Transaction,
    { tenantId, keyId }: ConversationOwner,
    id: string,
    foreignId: string,
    model: string | null,
  ): Promise<void> {
    await tx.$executeRaw`
      insert into conversations (tenant_id, key_id, id, foreign_id, model) values (${tenantId}, ${keyId}, ${id}, ${foreignId}, ${model})
      on conflict (tenant_id, key_id, foreign_id) do nothing`;
  }

  /** @returns null when the key has no such conversation. */
  async update(
    tx: Transaction,
    owner: ConversationOwner,
    id: string,
    values: ConversationValues,
  ): Promise<ConversationRecord | null> {
    const { tenantId, keyId } = owner;
    await tx.conversation.updateMany({ where: { tenantId, id, keyId }, data: columns(values) });
    return this.find(tx, owner, id);
  }

  /** Deletes it with its items and files. @returns false when the key has no such conversation. */
  async delete(tx: Transaction, { tenantId, keyId }: ConversationOwner, id: string): Promise<boolean> {
    const { count } = await tx.conversation.deleteMany({ where: { tenantId, id, keyId } });
    return count > 0;
  }

  /** Those of the ids that are files which this key may name: the tenant's, and those of its own conversations. */
  async knownFiles(
    tx: Transaction,
    { tenantId, keyId }: ConversationOwner,
    ids: readonly string[],
  ): Promise<ReadonlySet<string>> {
    const own = [{ kind: 'file' }, { kind: 'conversation', keyId }];
    const rows = await tx.file.findMany({ where: { tenantId, id: { in: [...ids] }, OR: own }, select: { id: true } });
    return new Set(rows.map(({ id }) => id));
  }
}

function columns({ title, model, metadata }: ConversationValues) {
  return {
    ...(title === undefined ? {} : { title: storable(title) }),
    ...(model === undefined ? {} : { model }),
    ...(metadata === undefined ? {} : { metadata: storable(metadata) }),
  };
}
