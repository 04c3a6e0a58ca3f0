import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Config } from '../../config/config.module.js';
import { newId } from '../../kernel/ids.js';
import { SharedPlaces, type HeldPlace } from '../../platform/queue/shared-places.js';

/** A place lasts for so many pings without being held on to: as long as a dead process is remembered. */
const pingsOfPlace = 3;

/** How many WebSockets each key has open: in all processes where they share a Redis that answers, else in this one. */
@Injectable()
export class SocketPlaces implements BeforeApplicationShutdown {
  private readonly held = new Set<HeldPlace>();
  private readonly ofKey = new Map<string, number>();
  private renewal: NodeJS.Timeout | undefined;

  constructor(
    private readonly shared: SharedPlaces,
    private readonly config: Config,
  ) {}

  /** Takes a place for a socket; the function that is given back leaves it. Undefined when the key has as many as it may. */
  async take(keyId: string): Promise<(() => void) | undefined> {
    const most = this.config.GT_SOCKETS_PER_KEY;
    const own = this.ofKey.get(keyId) ?? 0;
    if (own >= most) return undefined;
    this.ofKey.set(keyId, own + 1);
    const place = { holder: `sockets:${keyId}`, name: newId('request') };
    // A Redis that is away refuses nobody.
    const isTaken = await this.shared.take(place, most, this.lastsMs).catch(() => true);
    if (!isTaken) {
      this.count(keyId);
      return undefined;
    }
    this.held.add(place);
    this.renewal ??= setInterval(() => this.renew(), this.config.GT_SOCKET_PING_MS).unref();
    return () => {
      if (!this.held.delete(place)) return;
      this.count(keyId);
      void this.shared.leave(place).catch(() => undefined);
    };
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.renewal);
  }

  private get lastsMs(): number {
    return pingsOfPlace * this.config.GT_SOCKET_PING_MS;
  }

  /** What is open stays so: sockets that were opened while Redis was away are counted there from now on. */
  private renew(): void {
    for (const place of this.held) void this.shared.take(place, Number.MAX_SAFE_INTEGER, this.lastsMs).catch(() => undefined);
  }

  private count(keyId: string): void {
    const left = (this.ofKey.get(keyId) ?? 1) - 1;
    if (left > 0) this.ofKey.set(keyId, left);
    else this.ofKey.delete(keyId);
  }
}
