import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { connectionOptions } from '../../contracts/connections.js';
import { tokenPlace } from '../../contracts/wires.js';
import { KeyRing, type SealContext } from '../../platform/secrets/key-ring.js';

/** What of a connection's row its secret hangs on. */
export interface SealedConnection {
  readonly tenantId: string;
  readonly id: string;
  readonly baseUrl: string;
  readonly wire: string;
  readonly authMode: string;
  readonly secret: Uint8Array | null;
  readonly headers: Uint8Array | null;
  readonly options: unknown;
}

/** Whose headers they are. */
type HeaderOwner = Pick<SealedConnection, 'tenantId' | 'id' | 'baseUrl'>;

const headerValues = z.record(z.string(), z.string());

/** Seals the secrets of connections and opens them, for calls to their provider and nothing else. */
@Injectable()
export class ConnectionSecrets {
  constructor(private readonly keyRing: KeyRing) {}

  /** The secret as it is stored: it opens only in this record of this tenant. */
  seal(tenantId: string, connectionId: string, secret: string): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.keyRing.seal(secret, { tenantId, recordId: connectionId }));
  }

  /** The connection's secret, or null when it signs in without one or by a login. @throws SealError when its key has left the ring. */
  open(connection: SealedConnection): string | null {
    if (connection.authMode !== 'header_token' || connection.secret === null) return null;
    return this.keyRing.open(connection.secret, { tenantId: connection.tenantId, recordId: connection.id });
  }

  /** The headers of a connection as they are stored: they open only in this record, and only while it has this origin. */
  sealHeaders(owner: HeaderOwner, headers: ReadonlyMap<string, string>): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.keyRing.seal(JSON.stringify(Object.fromEntries(headers)), headerContext(owner)));
  }

  /** The headers that go with every call beside what signs in, by their names. @throws SealError as `open` does. */
  openHeaders(connection: HeaderOwner & Pick<SealedConnection, 'headers'>): Record<string, string> {
    if (connection.headers === null) return {};
    return headerValues.parse(JSON.parse(this.keyRing.open(connection.headers, headerContext(connection))));
  }

  /** The headers that sign in at the provider. Never logged, never shown. @throws SealError as `open` does. */
  headers(connection: SealedConnection): Record<string, string> {
    const secret = this.open(connection);
    if (secret === null) return {};
    const { header, prefix } = tokenPlace(connection.wire, connectionOptions.parse(connection.options));
    return { [header]: prefix === '' ? secret : `${prefix} ${secret}` };
  }
}

function headerContext({ tenantId, id, baseUrl }: HeaderOwner): SealContext {
  return { tenantId, recordId: `${id}:headers:${new URL(baseUrl).origin}` };
}
