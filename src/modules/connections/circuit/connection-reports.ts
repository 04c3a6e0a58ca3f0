import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { ConnectionCircuits } from './connection-circuits.js';
import { unused, type ConnectionHealth } from './connection-health.js';
import { ConnectionHealthRepository, type ConnectionReport } from './connection-health.repository.js';

/** So often what has changed is written. */
const everyMs = 5_000;
/** What is not written again is forgotten: its connection is called by others. */
const forgetMs = 600_000;
/** What has not changed is written again after this, so that readers see that the process lives. */
const againMs = 30_000;
const mostAtOnce = 1_000;

/**
 * Tells the other processes how connections fare in this one, a few seconds later and beside the calls. While the database is
 * away nothing is told, and nothing else is lost.
 */
@Injectable()
export class ConnectionReports implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly process = randomUUID();
  private readonly told = new Map<string, { readonly health: ConnectionHealth; readonly atMs: number }>();
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();
  private isWriting = false;

  constructor(
    private readonly circuits: ConnectionCircuits,
    private readonly repository: ConnectionHealthRepository,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      if (this.isWriting) return;
      this.isWriting = true;
      this.writing = this.write().finally(() => {
        this.isWriting = false;
      });
    }, everyMs).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.writing;
  }

  private async write(): Promise<void> {
    const nowMs = Date.now();
    for (const [key, { atMs }] of this.told) if (nowMs - atMs > forgetMs) this.told.delete(key);
    const reports = this.changed(nowMs);
    if (reports.length === 0) return;
    try {
      await this.repository.write(this.process, reports);
    } catch {
      return;
    }
    for (const { tenantId, id, health } of reports) {
      const key = `${tenantId}/${id}`;
      if (isDeepStrictEqual(health, unused)) this.told.delete(key);
      else this.told.set(key, { health, atMs: nowMs });
    }
  }

  private changed(nowMs: number): ConnectionReport[] {
    const reports: ConnectionReport[] = [];
    for (const { tenantId, id, circuit } of this.circuits.all()) {
      const told = this.told.get(`${tenantId}/${id}`);
      if (told === undefined && circuit.isIdle(nowMs)) continue;
      const health = circuit.health(nowMs);
      const isSame = isDeepStrictEqual(health, told?.health ?? unused);
      if (isSame && (told === undefined || nowMs - told.atMs < againMs)) continue;
      reports.push({ tenantId, id, health });
      if (reports.length === mostAtOnce) break;
    }
    return reports;
  }
}
