import { Injectable } from '@nestjs/common';
import type { ListQuery, RowPage } from '../../contracts/lists.js';
import { AppError } from '../../kernel/app-error.js';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';
import { shownJson } from '../conversations/said-in-chat.js';
import type { Recording } from '../idempotency/recording.js';
import { holdKey } from '../keys/key-hold.js';
import type { NewResponse, PrintedItem, ResponseOwner } from './response-record.js';
import { ResponsesRepository } from './responses.repository.js';

const dayMs = 86_400_000;
/** A chain whose items have more bytes together cannot be continued. */
const maxChainBytes = 16 * 1024 * 1024;

/** Kept responses as their key works with them. What is not the key's is not there. */
@Injectable()
export class ResponsesService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly responses: ResponsesRepository,
  ) {}

  /** The object as JSON text, as its client got it. @throws AppError not_found. */
  async get(owner: ResponseOwner, id: string): Promise<string> {
    return this.database.run(owner.tenantId, (tx) => this.objectIn(tx, owner, id));
  }

  /** The same within the caller's transaction. */
  async objectIn(tx: Transaction, owner: ResponseOwner, id: string): Promise<string> {
    return (await this.rowIn(tx, owner, id)).object;
  }

  /** @throws AppError not_found. */
  async delete(owner: ResponseOwner, id: string): Promise<void> {
    await this.database.run(owner.tenantId, async (tx) => {
      if (!(await this.responses.delete(tx, owner, id))) throw noResponse(id);
    });
  }

  /** The request's own items, newest first unless the query says otherwise. @throws AppError not_found, invalid_value. */
  async inputItems(owner: ResponseOwner, id: string, query: ListQuery): Promise<RowPage<PrintedItem>> {
    return this.database.run(owner.tenantId, async (tx) => {
      const { inputIds } = await this.rowIn(tx, owner, id);
      const page = pageOf(query.order === 'asc' ? inputIds : inputIds.toReversed(), query);
      // An item that the request referred to may be an answer's, which keeps more than is shown.
      const items = await this.responses.items(tx, owner, page.rows);
      return { rows: items.map(({ id, json }) => ({ id, json: shownJson(json) })), hasMore: page.hasMore };
    });
  }

  /**
   * All items of the chain that ends with this response, in their order.
   * @throws AppError previous_response_not_found; invalid_value for one that has no answer (yet); context_length_exceeded for a chain of more than 16 MiB.
   */
  async chain(owner: ResponseOwner, id: string): Promise<PrintedItem[]> {
    return this.database.run(owner.tenantId, async (tx) => {
      const row = await this.responses.find(tx, owner, id);
      if (row === null) throw noPreviousResponse(id);
      refuseUnanswered(row.status);
      return this.chainOf(tx, owner, id, [...row.earlierIds, ...row.inputIds, ...row.outputIds]);
    });
  }

  /**
   * All items that a response goes on from which was taken in and has no answer yet, in their order. They are kept with it,
   * whatever has become of the responses before it.
   * @throws AppError previous_response_not_found when it is gone itself; context_length_exceeded as `chain`.
   */
  async before(owner: ResponseOwner, id: string): Promise<PrintedItem[]> {
    return this.database.run(owner.tenantId, async (tx) => {
      const row = await this.responses.find(tx, owner, id);
      if (row === null) throw noPreviousResponse(id);
      return this.chainOf(tx, owner, id, row.earlierIds);
    });
  }

  /**
   * The kept items that a request refers to, by their ids.
   * @throws AppError not_found for one that is not this key's; context_length_exceeded for more than 16 MiB of them, each
   *   counted as often as it is named.
   */
  async referenced(owner: ResponseOwner, ids: readonly string[]): Promise<ReadonlyMap<string, PrintedItem>> {
    if (ids.length === 0) return new Map();
    const kept = await this.database.run(owner.tenantId, async (tx) => {
      const own = [...new Set(ids)];
      if ((await this.responses.bytesOf(tx, owner, own)) > maxChainBytes) throw new AppError('context_length_exceeded');
      return new Map((await this.responses.items(tx, owner, own)).map((item) => [item.id, item]));
    });
    const bytes = ids.reduce((sum, id) => sum + (kept.get(id)?.json.length ?? 0), 0);
    if (bytes > maxChainBytes) throw new AppError('context_length_exceeded');
    const missing = ids.find((id) => !kept.has(id));
    if (missing === undefined) return kept;
    throw new AppError('not_found', { param: 'input', message: `Item with id '${missing.slice(0, 128)}' not found.` });
  }

  /** Keeps a response. `recording` writes the answer down with it, for a call that may be repeated. */
  async keep(owner: ResponseOwner, response: NewResponse, recording: Recording | undefined): Promise<void> {
    await this.database.run(owner.tenantId, async (tx) => {
      await this.keepIn(tx, owner, response);
      await recording?.(tx);
    });
  }

  /** The same within the caller's transaction. @throws AppError when the key is gone. */
  async keepIn(tx: Transaction, owner: ResponseOwner, response: NewResponse): Promise<void> {
    await holdKey(tx, owner.tenantId, owner.keyId);
    const days = await this.responses.keptDays(tx, owner);
    await this.responses.insert(tx, owner, response, new Date(Date.now() + days * dayMs));
  }

  private async chainOf(tx: Transaction, owner: ResponseOwner, id: string, ids: readonly string[]): Promise<PrintedItem[]> {
    if ((await this.responses.bytesOf(tx, owner, ids)) > maxChainBytes) throw new AppError('context_length_exceeded');
    const items = await this.responses.items(tx, owner, ids);
    if (items.length < ids.length) throw noPreviousResponse(id);
    return items;
  }

  private async rowIn(tx: Transaction, owner: ResponseOwner, id: string) {
    const row = await this.responses.find(tx, owner, id);
    if (row === null) throw noResponse(id);
    return row;
  }
}

/** The refusal of a request that goes on from a response which is unknown, another key's, deleted, expired or was never kept. */
export function noPreviousResponse(id: string): AppError {
  return new AppError('previous_response_not_found', {
    param: 'previous_response_id',
    message: `Previous response with id '${id.slice(0, 128)}' not found.`,
  });
}

function refuseUnanswered(status: string): void {
  if (status === 'completed' || status === 'incomplete') return;
  const message = `The previous response is ${status.replace('_', ' ')}: only one that was answered can be gone on from.`;
  throw new AppError('invalid_value', { param: 'previous_response_id', message });
}

/** The refusal of a response that is not there. */
export function noResponse(id: string): AppError {
  return new AppError('not_found', { param: 'response_id', message: `Response with id '${id.slice(0, 128)}' not found.` });
}

/** A page of a list that is at hand. @throws AppError invalid_value for a cursor that is not in it. */
function pageOf(ids: readonly string[], { after, before, limit }: ListQuery): RowPage<string> {
  if (after !== undefined && before !== undefined)
    throw new AppError('invalid_value', { param: 'before', message: "Give 'after' or 'before', not both." });
  const param = before === undefined ? 'after' : 'before';
  const cursor = before ?? after;
  const at = cursor === undefined ? -1 : ids.indexOf(cursor);
  if (cursor !== undefined && at === -1)
    throw new AppError('invalid_value', { param, message: `The cursor '${param}' is not the id of an item of this list.` });
  const [from, to] = before === undefined ? [at + 1, at + 1 + limit] : [Math.max(at - limit, 0), at];
  return { rows: ids.slice(from, to), hasMore: before === undefined ? to < ids.length : from > 0 };
}
