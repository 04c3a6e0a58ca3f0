import { Injectable } from '@nestjs/common';
import { ConnectionPool } from '../../platform/database/connection-pool.js';
import { checkIsolation } from '../../platform/database/isolation-check.js';

/** Keeps a process from serving on a database in which tenants could see each other. */
@Injectable()
export class IsolationGate {
  constructor(private readonly connections: ConnectionPool) {}

  /** @throws IsolationError naming the table. */
  async check(): Promise<void> {
    await checkIsolation(this.connections);
  }
}
