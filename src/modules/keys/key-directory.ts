import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.module.js';
import type { Change } from '../../platform/database/change.js';
import { ChangeFeed } from '../../platform/database/change-feed.js';
import { databaseInTime, patienceMs } from '../../platform/database/patience.js';
import { LiveCache } from '../../platform/database/live-cache.js';
import { identityOf, type Identity } from './key-facts.js';
import { KeyLookupRepository } from './key-lookup.repository.js';
import type { KeyRecord } from './key-record.js';

interface KnownKey {
  readonly record: KeyRecord;
  identity: Identity;
}

/**
 * Who a secret is. Judged by an in-process memory that the change feed keeps current, then by Postgres (contract
 * section 4). Neither Redis nor a write stands on this path.
 */
@Injectable()
export class KeyDirectory {
  private readonly known: LiveCache<KnownKey>;
  /** Keys by themselves, for what workers do for them. */
  private readonly knownIds: LiveCache<KnownKey>;

  constructor(
    private readonly repository: KeyLookupRepository,
    private readonly feed: ChangeFeed,
    config: Config,
  ) {
    this.known = new LiveCache<KnownKey>(feed, {
      load: async (hash) => knownKey(await repository.findByHash(hash)),
      tenantOf: (_hash, { identity }) => identity.key.tenantId,
      touches: (change, _hash, value) => concerns(change, value.identity),
      creates: (change) => change.kind === 'key_secrets',
      staleMs: config.GT_AUTH_STALE_MS,
      maxEntries: 50_000,
    });
    this.knownIds = new LiveCache<KnownKey>(feed, {
      load: async (place) => {
        const [tenantId = '', keyId = ''] = place.split('/');
        return knownKey(await repository.findById(tenantId, keyId));
      },
      tenantOf: (_place, { identity }) => identity.key.tenantId,
      touches: (change, _place, value) => concerns(change, value.identity),
      creates: (change) => change.kind === 'keys',
      staleMs: config.GT_AUTH_STALE_MS,
      maxEntries: 10_000,
    });
  }

  /** The identity of the secret with this hash, known and current; null when nobody has it, undefined says nothing. Never waits. */
  peek(hash: string): Identity | null | undefined {
    const known = this.known.peek(hash);
    if (known !== undefined) return current(known);
    return this.known.knowsAbsent(hash) ? null : undefined;
  }

  /** The identity of a secret by its hash; undefined when nobody has it. @throws AppError overloaded when it cannot be told. */
  async find(hash: string): Promise<Identity | undefined> {
    const known = await this.known.get(hash);
    return known === undefined ? undefined : current(known);
  }

  /** The identity of a key by itself, whichever secrets it has; undefined when it was deleted. @throws Error when it cannot be read. */
  async findKey(tenantId: string, keyId: string): Promise<Identity | undefined> {
    const record = await this.repository.findById(tenantId, keyId);
    return record === undefined ? undefined : identityOf(record, Date.now());
  }

  /** The same from this process's memory, as current as that of a secret. @throws AppError overloaded when it cannot be told. */
  async recall(tenantId: string, keyId: string): Promise<Identity | undefined> {
    const known = await this.knownIds.get(`${tenantId}/${keyId}`);
    return known === undefined ? undefined : current(known);
  }

  /** The same, never waits; undefined says nothing. */
  recallNow(tenantId: string, keyId: string): Identity | undefined {
    const known = this.knownIds.peek(`${tenantId}/${keyId}`);
    return known === undefined ? undefined : current(known);
  }

  /**
   * The identity that the same secret gives, read now; undefined when the secret or its key was taken away. Of a key that was
   * read by itself, the key's. While the
   * change feed is silent, and the database probably away, nobody is kept waiting for long.
   * @throws Error when it cannot be read.
   */
  async findAgain({ key, secretId }: Identity): Promise<Identity | undefined> {
    const record = await databaseInTime(
      secretId === null ? this.repository.findById(key.tenantId, key.id) : this.repository.findBySecretId(key.tenantId, secretId),
      this.feed.isLive() ? patienceMs.unknown : patienceMs.known,
    );
    return record === undefined ? undefined : identityOf(record, Date.now());
  }
}

function knownKey(record: KeyRecord | undefined): KnownKey | undefined {
  return record === undefined ? undefined : { record, identity: identityOf(record, Date.now()) };
}

function current(known: KnownKey): Identity {
  const { recomputeAtMs } = known.identity;
  if (recomputeAtMs !== null && recomputeAtMs <= Date.now()) known.identity = identityOf(known.record, Date.now());
  return known.identity;
}

/** True when a change may alter what a key grants, or what counts its calls. */
export function concerns(change: Change, identity: Identity): boolean {
  if (change.tenantId !== identity.key.tenantId) return false;
  if (change.kind === 'keys' || change.kind === 'key_secrets') {
    return change.ref === identity.key.id || identity.linkedKeyIds.includes(change.ref);
  }
  return change.kind === 'tenants' || change.kind === 'presets' || change.kind === 'budgets';
}
