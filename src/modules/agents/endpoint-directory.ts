import { Injectable } from '@nestjs/common';
import type { Spelling } from '../../catalog/spellings.js';
import { Config } from '../../config/config.module.js';
import { ChangeFeed } from '../../platform/database/change-feed.js';
import { LiveCache } from '../../platform/database/live-cache.js';
import { Log } from '../../observability/log.js';
import { ConnectionCircuits, type CircuitRow } from '../connections/circuit/connection-circuits.js';
import { ConnectionSecrets, type SealedConnection } from '../connections/connection-secrets.js';
import { ConnectionWays, type WayColumns } from '../connections/connection-ways.js';
import { SignIns } from '../connections/login/sign-ins.js';
import { ConnectionTurns } from '../connections/tokens/connection-turns.js';
import { EndpointDirectoryRepository } from './endpoint-directory.repository.js';
import { publishedEndpoint, type PublishedEndpoint, type TenantEndpoints } from './published-endpoint.js';
import { connectionTarget, type ConnectionRow, type ConnectionTarget } from './connection-target.js';
import { UnusableConnection } from './unusable-connection.js';

const kinds = new Set(['endpoints', 'connections', 'tenants']);

/** What each tenant has published, kept in memory and current to within the change feed. */
@Injectable()
export class EndpointDirectory {
  private readonly known: LiveCache<TenantEndpoints>;

  constructor(
    private readonly repository: EndpointDirectoryRepository,
    private readonly secrets: ConnectionSecrets,
    private readonly signIns: SignIns,
    private readonly turns: ConnectionTurns,
    private readonly circuits: ConnectionCircuits,
    private readonly ways: ConnectionWays,
    private readonly log: Log,
    feed: ChangeFeed,
    config: Config,
  ) {
    this.known = new LiveCache<TenantEndpoints>(feed, {
      load: (tenantId) => this.load(tenantId),
      tenantOf: (tenantId) => tenantId,
      touches: (change, tenantId) => change.tenantId === tenantId && kinds.has(change.kind),
      creates: (change) => change.kind === 'tenants',
      staleMs: config.GT_AUTH_STALE_MS,
      maxEntries: 10_000,
    });
  }

  /** The tenant's endpoints when they are in memory and current. Never waits. */
  peek(tenantId: string): TenantEndpoints | undefined {
    return this.known.peek(tenantId);
  }

  /** The tenant's endpoints. @throws AppError overloaded when they cannot be read. */
  async of(tenantId: string): Promise<TenantEndpoints> {
    return (await this.known.get(tenantId)) ?? { tenantId, byName: new Map(), byDefault: undefined, connections: new Map() };
  }

  private async load(tenantId: string): Promise<TenantEndpoints> {
    const { endpoints, connections } = await this.repository.readAll(tenantId);
    const targets = new Map(connections.map((row) => [row.id, this.targetOf(row)]));
    const published = endpoints.map((row) => publishedEndpoint(row, targets));
    return {
      tenantId,
      byName: new Map(published.map((endpoint) => [endpoint.name, endpoint])),
      byDefault: published.find((endpoint) => endpoint.isDefault),
      connections: new Map([...targets.values()].map((target) => [target.name, target])),
    };
  }

  /** One connection that is not to be used, e.g. since its key has left the ring, takes none of the others with it. */
  private targetOf(row: ConnectionRow & SealedConnection & CircuitRow & WayColumns): ConnectionTarget {
    try {
      const login = row.authMode === 'oauth' ? this.signIns.of({ tenantId: row.tenantId, id: row.id }) : null;
      const tokens = this.turns.of(row, this.secrets.signingTokens(row));
      const way = this.ways.of(row);
      const opened = { tokens, headers: this.secrets.openHeaders(row), login, way, circuit: this.circuits.of(row) };
      return connectionTarget(row, opened);
    } catch (error) {
      this.log.failure(error, { tenant_id: row.tenantId, connection_id: row.id });
      return new UnusableConnection(row.id, row.name);
    }
  }
}

/** The endpoint that a spelling means in this tenant; undefined when there is none. */
export function findEndpoint(endpoints: TenantEndpoints, spelling: Spelling): PublishedEndpoint | undefined {
  return spelling.kind === 'default' ? endpoints.byDefault : endpoints.byName.get(spelling.name);
}
