import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Change } from '../../platform/database/change.js';
import { ChangeFeed, type ChangeListener } from '../../platform/database/change-feed.js';
import { HostLookupRepository } from './host-lookup.repository.js';

const retryMs = 500;

/** Which tenant owns a host name. All of them are kept in memory; a change of any reads them again. */
@Injectable()
export class HostDirectory implements ChangeListener, OnApplicationBootstrap {
  private owners: ReadonlyMap<string, string> = new Map();
  private reading: Promise<void> | undefined;
  private again = false;

  constructor(
    private readonly repository: HostLookupRepository,
    feed: ChangeFeed,
  ) {
    feed.subscribe(this);
  }

  /** True when no tenant has a host name of its own. */
  get isEmpty(): boolean {
    return this.owners.size === 0;
  }

  /** The tenant that owns this host name (without port, any case, the root's dot after it or not); undefined when nobody does. */
  ownerOf(hostname: string): string | undefined {
    return this.owners.get((hostname.endsWith('.') ? hostname.slice(0, -1) : hostname).toLowerCase());
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.read();
  }

  onChanges(changes: readonly Change[]): void {
    if (changes.some(({ kind }) => kind === 'tenant_hosts')) void this.read();
  }

  onGap(): void {
    void this.read();
  }

  private read(): Promise<void> {
    if (this.reading !== undefined) {
      this.again = true;
      return this.reading;
    }
    this.reading = this.readUntilCurrent().finally(() => {
      this.reading = undefined;
    });
    return this.reading;
  }

  private async readUntilCurrent(): Promise<void> {
    do {
      this.again = false;
      try {
        this.owners = new Map((await this.repository.listAll()).map((row) => [row.host, row.tenantId]));
      } catch {
        setTimeout(() => void this.read(), retryMs).unref();
      }
    } while (this.again);
  }
}
