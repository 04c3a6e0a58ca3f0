import { Injectable } from '@nestjs/common';
import type { InputItem } from '../../contracts/conversations.js';
import type { ListQuery, RowPage } from '../../contracts/lists.js';
import { AppError } from '../../kernel/app-error.js';
import { newId } from '../../kernel/ids.js';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';
import type { RecordingOf } from '../idempotency/recording.js';
import { holdKey } from '../keys/key-hold.js';
import { ConversationItemsRepository } from './conversation-items.repository.js';
import type { ConversationOwner, ConversationRecord, StoredItem } from './conversation-record.js';
import { ConversationStore } from './conversation-store.js';
import { ConversationsRepository, firstPosition, type ConversationValues } from './conversations.repository.js';
import { filesNamedBy, normaliseItem, type NamedFile } from './item-form.js';
import { withoutSaid } from './said-in-chat.js';

/** Conversations and their items as their key works with them. What is not the key's is not there: `not_found`. */
@Injectable()
export class ConversationsService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly conversations: ConversationsRepository,
    private readonly items: ConversationItemsRepository,
    private readonly store: ConversationStore,
  ) {}

  /** @throws AppError invalid_value or missing_required_parameter for a malformed item, not_found for a file that is not the key's. */
  async create(
    owner: ConversationOwner,
    values: ConversationValues,
    given: readonly InputItem[],
    recordingOf: RecordingOf<ConversationRecord>,
  ): Promise<ConversationRecord> {
    const { items, files } = normalised(given);
    return this.database.run(owner.tenantId, async (tx) => {
      await this.refuseUnknownFiles(tx, owner, files);
      const made = await this.createIn(tx, owner, values, items);
      await recordingOf(made)(tx);
      return made;
    });
  }

  /** Makes a conversation within the caller's transaction. */
  async createIn(
    tx: Transaction,
    owner: ConversationOwner,
    values: ConversationValues,
    items: readonly StoredItem[] = [],
  ): Promise<ConversationRecord> {
    await holdKey(tx, owner.tenantId, owner.keyId);
    const made = await this.conversations.insert(tx, owner, newId('conversation'), values, items.length);
    await this.items.insert(tx, owner.tenantId, made.id, firstPosition, items);
    return made;
  }

  async list(owner: ConversationOwner, query: ListQuery): Promise<RowPage<ConversationRecord>> {
    return this.database.run(owner.tenantId, (tx) => this.conversations.list(tx, owner, query));
  }

  async get(owner: ConversationOwner, id: string): Promise<ConversationRecord> {
    return this.database.run(owner.tenantId, (tx) => this.getIn(tx, owner, id));
  }

  async update(
    owner: ConversationOwner,
    id: string,
    values: ConversationValues,
    recordingOf: RecordingOf<ConversationRecord>,
  ): Promise<ConversationRecord> {
    return this.database.run(owner.tenantId, async (tx) => {
      const updated = found(await this.conversations.update(tx, owner, id, values));
      await recordingOf(updated)(tx);
      return updated;
    });
  }

  /** Deletes it with its items and files, also while a turn is under way: that turn then cannot be kept. */
  async delete(owner: ConversationOwner, id: string): Promise<void> {
    await this.database.run(owner.tenantId, async (tx) => {
      if (!(await this.conversations.delete(tx, owner, id))) throw new AppError('not_found');
    });
  }

  /**
   * Adds items behind the last one, between turns and never within one.
   * @throws AppError as `create`, and conflict when a turn lasts too long.
   */
  async addItems(
    owner: ConversationOwner,
    id: string,
    given: readonly InputItem[],
    recordingOf: RecordingOf<StoredItem[]>,
  ): Promise<StoredItem[]> {
    const { items, files } = normalised(given);
    await this.database.run(owner.tenantId, async (tx) => {
      await this.getIn(tx, owner, id);
      await this.refuseUnknownFiles(tx, owner, files);
    });
    return items.length === 0 ? [] : this.store.append(owner.tenantId, id, items, recordingOf);
  }

  async listItems(owner: ConversationOwner, id: string, query: ListQuery): Promise<RowPage<StoredItem>> {
    return this.database.run(owner.tenantId, async (tx) => {
      await this.getIn(tx, owner, id);
      const page = await this.items.list(tx, owner.tenantId, id, query);
      return { ...page, rows: page.rows.map(withoutSaid) };
    });
  }

  async getItem(owner: ConversationOwner, id: string, itemId: string): Promise<StoredItem> {
    return this.database.run(owner.tenantId, async (tx) => {
      await this.getIn(tx, owner, id);
      return withoutSaid(found(await this.items.find(tx, owner.tenantId, id, itemId)));
    });
  }

  /** @returns the conversation that the item was taken from. */
  async deleteItem(owner: ConversationOwner, id: string, itemId: string): Promise<ConversationRecord> {
    return this.database.run(owner.tenantId, async (tx) => {
      const conversation = await this.getIn(tx, owner, id);
      if (!(await this.items.delete(tx, owner.tenantId, id, itemId))) throw new AppError('not_found');
      return conversation;
    });
  }

  private async getIn(tx: Transaction, owner: ConversationOwner, id: string): Promise<ConversationRecord> {
    return found(await this.conversations.find(tx, owner, id));
  }

  private async refuseUnknownFiles(tx: Transaction, owner: ConversationOwner, files: readonly NamedFile[]): Promise<void> {
    if (files.length === 0) return;
    const known = await this.conversations.knownFiles(
      tx,
      owner,
      files.map(({ id }) => id),
    );
    const unknown = files.find(({ id }) => !known.has(id));
    if (unknown !== undefined) throw new AppError('not_found', { param: unknown.param, message: 'No such file.' });
  }
}

function found<T>(value: T | null): T {
  if (value === null) throw new AppError('not_found');
  return value;
}

function normalised(given: readonly InputItem[]): { items: StoredItem[]; files: NamedFile[] } {
  const items = given.map((item, at) => normaliseItem(item, `items[${at}]`));
  return { items, files: items.flatMap((item, at) => filesNamedBy(item, `items[${at}]`)) };
}
