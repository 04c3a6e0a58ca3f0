import { Injectable } from '@nestjs/common';
import { decide, decideModel } from '../../catalog/decide.js';
import { routeRow, type RouteId } from '../../catalog/routes.js';
import type { Modality } from '../../contracts/scopes.js';
import { AppError } from '../../kernel/app-error.js';
import { Metrics } from '../../observability/metrics.js';
import { byTenant, type Change } from '../../platform/database/change.js';
import { ChangeFeed, type ChangeListener } from '../../platform/database/change-feed.js';
import type { PublishedEndpoint } from '../agents/published-endpoint.js';
import { concerns, KeyDirectory } from '../keys/key-directory.js';
import type { Identity } from '../keys/key-facts.js';

/** A call that the guard once allowed, with all that its decision needs to be made again. */
export interface AllowedCall {
  readonly identity: Identity;
  readonly routeId: RouteId;
  readonly ip?: string;
  /** `performance.now()` when the request arrived: the guard decided after it. */
  readonly startedAt?: number;
}

export interface OpenStream extends AllowedCall {
  /** What the stream uses; then the key must go on being allowed to. */
  readonly use?: { readonly endpoint: PublishedEndpoint; readonly modality: Modality };
  abort(error: AppError): void;
}

/** Timers take no longer time; one that is due early judges and waits again. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * The streams that are open in this process, and the forms that still come. When a key of theirs changes, or its time or
 * that of the secret is over, the guard's own decision is made again for the secret that opened the stream, as things are
 * now; a stream that would be refused ends with an error event (contract section 4).
 */
@Injectable()
export class OpenStreams implements ChangeListener {
  /** Each with the timer of the moment at which its right ends, if that is known. */
  private readonly streams = new Map<OpenStream, NodeJS.Timeout | undefined>();
  private readonly changedAt = new Map<string, number>();
  private gapAt = 0;

  constructor(
    private readonly keys: KeyDirectory,
    private readonly metrics: Metrics,
    feed: ChangeFeed,
  ) {
    feed.subscribe(this);
  }

  /** How many streams and requests are watched over now. */
  get watched(): number {
    return this.streams.size;
  }

  /** Watches over a stream until the function that is given back is called. */
  add(stream: OpenStream): () => void {
    const leave = this.watch(stream);
    this.metrics.openStreams.inc();
    return () => {
      leave();
      this.metrics.openStreams.dec();
    };
  }

  /** Watches over a request whose body still comes, in the same way; it is no open stream and not counted as one. */
  watch(request: OpenStream): () => void {
    this.streams.set(request, this.timerOf(request, request.identity));
    if (this.changedSince(request) || endOf(request.identity) <= Date.now()) void this.judgeAgain([request]);
    return () => {
      clearTimeout(this.streams.get(request));
      this.streams.delete(request);
    };
  }

  /** True when something of the call's tenant has changed since the guard allowed it: while its body came slowly, say. */
  changedSince({ identity, startedAt = Infinity }: AllowedCall): boolean {
    return this.gapAt >= startedAt || (this.changedAt.get(identity.key.tenantId) ?? 0) >= startedAt;
  }

  /**
   * Decides again and gives the key as it is now; while the database is away the first decision stands.
   * @throws AppError invalid_api_key when the call would now be refused.
   */
  async currentIdentity(call: AllowedCall): Promise<Identity> {
    const identity = await this.keys.findAgain(call.identity).catch(() => call.identity);
    if (identity === undefined || isRefused(call, identity)) throw noLonger();
    return identity;
  }

  onChanges(changes: readonly Change[]): void {
    const groups = byTenant(changes);
    for (const tenantId of groups.keys()) this.changedAt.set(tenantId, performance.now());
    const touched = [...this.streams.keys()].filter(({ identity }) =>
      groups.get(identity.key.tenantId)?.some((change) => concerns(change, identity)),
    );
    if (touched.length > 0) void this.judgeAgain(touched);
  }

  onGap(): void {
    this.gapAt = performance.now();
    if (this.streams.size > 0) void this.judgeAgain([...this.streams.keys()]);
  }

  private async judgeAgain(touched: readonly OpenStream[]): Promise<void> {
    for (const opened of new Map(touched.map(({ identity }) => [openedWith(identity), identity])).values()) {
      // While the database is away only time counts; the feed's return asks again.
      const identity = await this.keys.findAgain(opened).catch(() => opened);
      for (const stream of touched) {
        if (openedWith(stream.identity) !== openedWith(opened) || !this.streams.has(stream)) continue;
        if (identity === undefined || isStreamRefused(stream, identity)) stream.abort(noLonger());
        else this.watchTime(stream, identity);
      }
    }
  }

  private watchTime(stream: OpenStream, identity: Identity): void {
    clearTimeout(this.streams.get(stream));
    this.streams.set(stream, this.timerOf(stream, identity));
  }

  /** Judges the stream at the end of its key, its secret or a link; none where no end lies ahead. */
  private timerOf(stream: OpenStream, identity: Identity): NodeJS.Timeout | undefined {
    const leftMs = endOf(identity) - Date.now();
    if (leftMs === Infinity || leftMs <= 0) return undefined;
    return setTimeout(() => void this.judgeAgain([stream]), Math.min(leftMs, longestTimerMs)).unref();
  }
}

/** The secret that opened a stream; the key where none did, since a worker makes the call. */
function openedWith({ secretId, key }: Identity): string {
  return secretId ?? key.id;
}

/** When the key, its secret or a link ends, in milliseconds since 1970; Infinity when none of them does. */
function endOf({ key, recomputeAtMs }: Identity): number {
  return Math.min(key.expiresAtMs ?? Infinity, recomputeAtMs ?? Infinity);
}

function noLonger(): AppError {
  return new AppError('invalid_api_key', { message: 'This API key may no longer be used for this call.' });
}

function isStreamRefused(stream: OpenStream, identity: Identity): boolean {
  if (isRefused(stream, identity)) return true;
  const { use } = stream;
  return use !== undefined && decideModel(identity.key, use.endpoint, use.endpoint.name, use.modality) !== undefined;
}

/** Where WebSockets are switched off, the next frame of an open one is refused; what runs is finished. */
function isRefused({ routeId, ip }: AllowedCall, { key, tenant }: Identity): boolean {
  const refused = decide({ key, tenant, row: routeRow(routeId), ip, hostTenantId: undefined, nowMs: Date.now() });
  return refused !== undefined && refused.code !== 'upgrade_required';
}
