import { Injectable } from '@nestjs/common';
import { Log } from '../../../observability/log.js';
import { TokenRests } from './token-rests.js';
import { TokenTurns, type SigningToken } from './token-turns.js';

const maxConnections = 10_000;

/** The turns of all connections in the memory of this process: they go on when a connection is read again. */
@Injectable()
export class ConnectionTurns {
  private readonly known = new Map<string, TokenRests>();

  constructor(private readonly log: Log) {}

  /** The turns of a connection that has these tokens now; null when it has none. */
  of({ tenantId, id }: { readonly tenantId: string; readonly id: string }, tokens: readonly SigningToken[]): TokenTurns | null {
    if (tokens.length === 0) return null;
    // The only one is always taken: there is nothing to remember.
    if (tokens.length === 1) return new TokenTurns(tokens, new TokenRests());
    const rests = this.restsOf(`${tenantId} ${id}`);
    rests.keepOnly(tokens.map(({ token }) => token));
    return new TokenTurns(tokens, rests, (place) =>
      this.log.warn('the provider refused a key of a connection', { tenant_id: tenantId, connection_id: id, key: place }),
    );
  }

  private restsOf(key: string): TokenRests {
    const rests = this.known.get(key) ?? new TokenRests();
    // The one that was read last goes last.
    this.known.delete(key);
    this.known.set(key, rests);
    const [oldest] = this.known.keys();
    if (this.known.size > maxConnections && oldest !== undefined) this.known.delete(oldest);
    return rests;
  }
}
