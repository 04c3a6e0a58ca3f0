import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { proxyPlace } from '../../contracts/connection-way.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { KeyRing, type SealContext } from '../../platform/secrets/key-ring.js';
import { outboundWay, type OutboundWay } from '../../platform/upstream/way/outbound-way.js';
import type { ProxyLogin, WayPlan } from './planned-way.js';

/** What of a connection's row its way hangs on. */
export interface WayColumns {
  readonly tenantId: string;
  readonly id: string;
  readonly proxyUrl: string | null;
  readonly proxySecret: Uint8Array | null;
  readonly ca: string | null;
}

type Owner = Pick<WayColumns, 'tenantId' | 'id'>;

const proxyLogin = z.object({ username: z.string(), password: z.string() });

/** How the calls of a connection leave the platform. What cannot be opened is an error: no call leaves another way instead. */
@Injectable()
export class ConnectionWays {
  constructor(
    private readonly keyRing: KeyRing,
    private readonly database: TenantDatabase,
  ) {}

  /** The connection's way; undefined where it is the direct one. @throws SealError. */
  of(connection: WayColumns): OutboundWay | undefined {
    const { proxyUrl, ca } = connection;
    const place = proxyUrl === null ? undefined : proxyPlace(proxyUrl);
    if (proxyUrl !== null && place === undefined) throw new Error('A stored proxy has no address.');
    const proxy = place && { ...place, ...this.openLogin(connection) };
    return outboundWay({ ...(proxy === undefined ? {} : { proxy }), ...(ca === null ? {} : { ca }) });
  }

  /** The same, read from the database. @throws SealError. */
  async find({ tenantId, id }: Owner): Promise<OutboundWay | undefined> {
    const select = { tenantId: true, id: true, proxyUrl: true, proxySecret: true, ca: true } as const;
    const row = await this.database.run(tenantId, (transaction) =>
      transaction.connection.findFirst({ where: { tenantId, id }, select }),
    );
    return row === null ? undefined : this.of(row);
  }

  /** A plan as it is stored: what signs in at the proxy opens only in this record of this tenant. */
  columnsOf(owner: Owner, { proxyUrl, proxyLogin: login, ca }: WayPlan, before: Pick<WayColumns, 'proxySecret'> | null) {
    const kept = before?.proxySecret == null ? null : new Uint8Array(before.proxySecret);
    const given = login == null ? null : new Uint8Array(this.keyRing.seal(JSON.stringify(login), proxySeal(owner)));
    return { proxyUrl, proxySecret: login === undefined ? kept : given, ca };
  }

  /** What signs in at the connection's proxy, or null. @throws SealError. */
  openLogin(connection: WayColumns): ProxyLogin | null {
    if (connection.proxySecret === null) return null;
    return proxyLogin.parse(JSON.parse(this.keyRing.open(connection.proxySecret, proxySeal(connection))));
  }
}

/** In which context what signs in at a connection's proxy is sealed. */
export function proxySeal({ tenantId, id }: Owner): SealContext {
  return { tenantId, recordId: `${id}:proxy` };
}
