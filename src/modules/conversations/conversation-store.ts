import { Injectable } from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';
import { AppError } from '../../kernel/app-error.js';
import { newId, randomBase62 } from '../../kernel/ids.js';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';
import type { Recording, RecordingOf } from '../idempotency/recording.js';
import { holdKey } from '../keys/key-hold.js';
import { ConversationItemsRepository } from './conversation-items.repository.js';
import { ConversationLeasesRepository } from './conversation-leases.repository.js';
import { noConversation, type ConversationName } from './conversation-name.js';
import type { ConversationOwner, PlacedItem, StoredItem } from './conversation-record.js';
import { ConversationTurn } from './conversation-turn.js';
import { ConversationsRepository } from './conversations.repository.js';
import { TurnTimes } from './turn-times.js';
import { WaitingLine } from './waiting-line.js';

/**
 * The store of conversations for every door that continues one. Turns come one after another, over all processes: a
 * lease row says whose it is, and whoever waits holds neither a transaction nor a connection.
 */
@Injectable()
export class ConversationStore {
  private readonly line = new WaitingLine();

  constructor(
    private readonly database: TenantDatabase,
    private readonly conversations: ConversationsRepository,
    private readonly items: ConversationItemsRepository,
    private readonly leases: ConversationLeasesRepository,
    private readonly times: TurnTimes,
  ) {}

  /**
   * The id of the conversation that a call names. One that is named by a foreign id is made on first use, with `model`;
   * of two calls at once both get the same.
   * @throws AppError not_found for a `conv_…` id that is not this key's.
   */
  async resolve(owner: ConversationOwner, name: ConversationName, model: string | null): Promise<string> {
    return this.database.run(owner.tenantId, (tx) => this.resolveIn(tx, owner, name, model));
  }

  /** The same for who makes none: undefined for a foreign id that stands for none yet. @throws AppError as `resolve`. */
  async find(owner: ConversationOwner, name: ConversationName): Promise<string | undefined> {
    const found = await this.database.run(owner.tenantId, (tx) => this.findIn(tx, owner, name));
    if (found === undefined && name.kind === 'own') throw noConversation(name.param);
    return found;
  }

  /** `resolve` within the caller's transaction. */
  async resolveIn(tx: Transaction, owner: ConversationOwner, name: ConversationName, model: string | null): Promise<string> {
    const known = await this.findIn(tx, owner, name);
    if (known !== undefined) return known;
    if (name.kind === 'own') throw noConversation(name.param);
    await holdKey(tx, owner.tenantId, owner.keyId);
    await this.conversations.insertForeign(tx, owner, newId('conversation'), name.foreignId, model);
    const made = await this.conversations.findForeign(tx, owner, name.foreignId);
    if (made === undefined) throw new AppError('internal_error', { cause: 'a conversation that was just made is not there' });
    return made;
  }

  /** What a conversation holds, for who only looks: it waits for no turn and holds none up. */
  reading(tenantId: string, id: string): Pick<ConversationTurn, 'conversationId' | 'newestItems'> {
    return { conversationId: id, newestItems: (before, limit, maxBytes) => this.newest(tenantId, id, before, limit, maxBytes) };
  }

  /**
   * Begins a turn, after those that came before.
   * @param signal ends the waiting, e.g. when the caller has left; its reason is thrown.
   * @throws AppError conflict after 30 s of waiting, not_found when the conversation is gone.
   */
  async beginTurn(tenantId: string, id: string, signal: AbortSignal): Promise<ConversationTurn> {
    const owner = randomBase62(24);
    const { leaseMs } = this.times;
    await this.whenFree(id, signal, () =>
      this.database.run(tenantId, (tx) => this.leases.take(tx, tenantId, id, owner, leaseMs)),
    );
    const acts = {
      extend: () => this.database.run(tenantId, (tx) => this.leases.extend(tx, tenantId, id, owner, leaseMs)),
      release: () => this.database.run(tenantId, (tx) => this.leases.release(tx, tenantId, id, owner)),
      newest: (before: bigint, limit: number, maxBytes: number) => this.newest(tenantId, id, before, limit, maxBytes),
      held: (ids: readonly string[], asksCalls: boolean) =>
        this.database.run(tenantId, async (tx) => ({
          ids: await this.items.known(tx, tenantId, id, ids),
          calls: asksCalls ? await this.items.newestCalls(tx, tenantId, id) : [],
        })),
      commit: (items: readonly StoredItem[], recording?: Recording) =>
        this.database.run(tenantId, async (tx) => {
          const first = await this.leases.commit(tx, tenantId, id, owner, items.length);
          if (first === undefined) return undefined;
          const stored = await this.items.insert(tx, tenantId, id, first, items);
          await recording?.(tx);
          return stored;
        }),
    };
    return new ConversationTurn(id, acts, leaseMs / 4, () => this.line.leave(id));
  }

  /**
   * Writes items behind the last one, in order, as soon as no turn is under way. Whether the conversation is the
   * caller's has been asked before.
   * @throws AppError conflict after 30 s of waiting, not_found when the conversation is gone.
   */
  async append(
    tenantId: string,
    id: string,
    items: readonly StoredItem[],
    recordingOf: RecordingOf<StoredItem[]>,
  ): Promise<StoredItem[]> {
    const stored = await this.whenFree(id, undefined, () =>
      this.database.run(tenantId, async (tx) => {
        const first = await this.leases.append(tx, tenantId, id, items.length);
        if (typeof first !== 'bigint') return first;
        const inserted = await this.items.insert(tx, tenantId, id, first, items);
        await recordingOf(inserted)(tx);
        return inserted;
      }),
    );
    this.line.leave(id);
    return stored;
  }

  private async newest(tenantId: string, id: string, before: bigint, limit: number, maxBytes: number): Promise<PlacedItem[]> {
    return this.database.run(tenantId, (tx) => this.items.newest(tx, tenantId, id, before, limit, maxBytes));
  }

  private async findIn(tx: Transaction, owner: ConversationOwner, name: ConversationName): Promise<string | undefined> {
    if (name.kind === 'foreign') return this.conversations.findForeign(tx, owner, name.foreignId);
    return (await this.conversations.find(tx, owner, name.id))?.id;
  }

  /** Asks until the answer is neither busy nor absent; the caller then holds its place in the line and must leave it. */
  private async whenFree<T>(
    id: string,
    signal: AbortSignal | undefined,
    ask: () => Promise<T | 'busy' | 'absent'>,
  ): Promise<Exclude<T, 'busy' | 'absent'>> {
    const ended = new AbortController();
    const giveUp = (): void => ended.abort(signal?.reason);
    const timer = setTimeout(() => ended.abort(busy()), this.times.waitMs);
    signal?.addEventListener('abort', giveUp, { once: true });
    if (signal?.aborted === true) giveUp();
    try {
      return await this.inLine(id, ended.signal, ask);
    } catch (error) {
      throw error instanceof AppError || !ended.signal.aborted ? error : (ended.signal.reason as Error);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
    }
  }

  private async inLine<T>(
    id: string,
    ended: AbortSignal,
    ask: () => Promise<T | 'busy' | 'absent'>,
  ): Promise<Exclude<T, 'busy' | 'absent'>> {
    const waited = await this.line.enter(id, ended);
    try {
      // Who was called from this process's line gives those of other processes a chance.
      if (waited) await pause(Math.random() * 15, undefined, { signal: ended });
      return await this.untilFree(ended, ask);
    } catch (error) {
      this.line.leave(id);
      throw error;
    }
  }

  private async untilFree<T>(
    ended: AbortSignal,
    ask: () => Promise<T | 'busy' | 'absent'>,
  ): Promise<Exclude<T, 'busy' | 'absent'>> {
    for (let waitMs = 20; ; waitMs = Math.min(waitMs * 1.5, 150)) {
      const answer = await ask();
      if (answer === 'absent') throw new AppError('not_found', { message: 'No such conversation.' });
      if (answer !== 'busy') return answer as Exclude<T, 'busy' | 'absent'>;
      await pause(waitMs * (0.5 + Math.random()), undefined, { signal: ended });
    }
  }
}

function busy(): AppError {
  return new AppError('conflict', {
    message: 'Another turn of this conversation is still under way. Please try again when it has ended.',
  });
}
