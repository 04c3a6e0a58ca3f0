import { Injectable } from '@nestjs/common';
import type { ListCompletionMessagesQuery, ListCompletionsQuery } from '../../contracts/completions.js';
import type { RowPage } from '../../contracts/lists.js';
import { AppError } from '../../kernel/app-error.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import type { RecordingOf } from '../idempotency/recording.js';
import { CompletionMessagesRepository } from './completion-messages.repository.js';
import type { CompletionMessage, CompletionOwner, CompletionRecord } from './completion-record.js';
import { CompletionsRepository, noSuchCursor } from './completions.repository.js';

/** Stored completions as their key works with them. What is not the key's is not there: `not_found`. */
@Injectable()
export class CompletionsService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly completions: CompletionsRepository,
    private readonly messages: CompletionMessagesRepository,
  ) {}

  async list(owner: CompletionOwner, query: ListCompletionsQuery): Promise<RowPage<CompletionRecord>> {
    return this.database.run(owner.tenantId, (tx) => this.completions.list(tx, owner, query));
  }

  async get(owner: CompletionOwner, id: string): Promise<CompletionRecord> {
    return this.database.run(owner.tenantId, async (tx) => found(await this.completions.find(tx, owner, id)));
  }

  /** Replaces the metadata as a whole. */
  async update(
    owner: CompletionOwner,
    id: string,
    metadata: Readonly<Record<string, string>>,
    recordingOf: RecordingOf<CompletionRecord>,
  ): Promise<CompletionRecord> {
    return this.database.run(owner.tenantId, async (tx) => {
      const updated = found(await this.completions.update(tx, owner, id, metadata));
      await recordingOf(updated)(tx);
      return updated;
    });
  }

  async delete(owner: CompletionOwner, id: string): Promise<void> {
    await this.database.run(owner.tenantId, async (tx) => {
      if (!(await this.completions.delete(tx, owner, id))) throw new AppError('not_found');
    });
  }

  /** @throws AppError not_found, invalid_value for a cursor that is none of its messages. */
  async listMessages(
    owner: CompletionOwner,
    id: string,
    query: ListCompletionMessagesQuery,
  ): Promise<RowPage<CompletionMessage>> {
    const { tenantId } = owner;
    return this.database.run(tenantId, async (tx) => {
      if (!(await this.completions.has(tx, owner, id))) throw new AppError('not_found');
      const after = query.after === undefined ? undefined : placeOf(query.after, id);
      const count = await this.messages.count(tx, tenantId, id);
      if (after !== undefined && after >= count) throw noSuchCursor();
      return this.messages.list(tx, tenantId, id, query, { after, count });
    });
  }
}

/** The id of a message: its completion's, and its place in the request. */
export function messageId(completionId: string, place: number): string {
  return `${completionId}-${place}`;
}

function placeOf(cursor: string, id: string): number {
  const [, place] = /^(0|[1-9]\d{0,6})$/.exec(cursor.startsWith(`${id}-`) ? cursor.slice(id.length + 1) : '') ?? [];
  if (place === undefined) throw noSuchCursor();
  return Number(place);
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new AppError('not_found');
  return value;
}
