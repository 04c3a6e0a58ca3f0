import { Injectable } from '@nestjs/common';
import { decide } from '../../catalog/decide.js';
import { routeRow, type RouteId } from '../../catalog/routes.js';
import { AppError } from '../../kernel/app-error.js';
import { ChangeFeed, type Change, type ChangeListener } from '../../platform/database/change-feed.js';
import { concerns, KeyDirectory } from '../keys/key-directory.js';
import type { Identity } from '../keys/key-facts.js';
import { Metrics } from '../../observability/metrics.js';

export interface OpenStream {
  readonly identity: Identity;
  readonly routeId: RouteId;
  abort(error: AppError): void;
}

/**
 * The streams that are open in this process. When a key of theirs changes, the guard's own decision is made again with
 * the key as it is now; a stream that would be refused ends with an error event (contract section 4).
 */
@Injectable()
export class OpenStreams implements ChangeListener {
  private readonly streams = new Set<OpenStream>();

  constructor(
    private readonly keys: KeyDirectory,
    private readonly metrics: Metrics,
    feed: ChangeFeed,
  ) {
    feed.subscribe(this);
  }

  /** Watches over a stream until the function that is given back is called. */
  add(stream: OpenStream): () => void {
    this.streams.add(stream);
    this.metrics.openStreams.inc();
    return () => {
      this.streams.delete(stream);
      this.metrics.openStreams.dec();
    };
  }

  onChange(change: Change): void {
    const touched = [...this.streams].filter((stream) => concerns(change, stream.identity));
    if (touched.length > 0) void this.judgeAgain(touched);
  }

  onGap(): void {
    if (this.streams.size > 0) void this.judgeAgain([...this.streams]);
  }

  private async judgeAgain(touched: readonly OpenStream[]): Promise<void> {
    for (const { id: keyId, tenantId } of new Map(touched.map(({ identity: { key } }) => [key.id, key])).values()) {
      // While the database is away the streams live on; the feed's return asks again.
      const identity = await this.keys.findById(tenantId, keyId).catch(() => null);
      if (identity === null) continue;
      const refused = touched.filter((stream) => stream.identity.key.id === keyId && isRefused(stream, identity));
      for (const stream of refused)
        stream.abort(new AppError('invalid_api_key', { message: 'This API key may no longer be used for this call.' }));
    }
  }
}

function isRefused(stream: OpenStream, identity: Identity | undefined): boolean {
  if (identity === undefined) return true;
  const call = {
    key: identity.key,
    tenant: identity.tenant,
    row: routeRow(stream.routeId),
    ip: undefined,
    hostTenantId: undefined,
    nowMs: Date.now(),
  };
  return decide(call) !== undefined;
}
