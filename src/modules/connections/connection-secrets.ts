import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { connectionOptions } from '../../contracts/connections.js';
import { tokenPlace } from '../../contracts/wires.js';
import { KeyRing, type SealContext } from '../../platform/secrets/key-ring.js';
import type { SigningToken } from './tokens/token-turns.js';

/** What of a connection's row its secret hangs on. */
export interface SealedConnection {
  readonly tenantId: string;
  readonly id: string;
  readonly baseUrl: string;
  readonly wire: string;
  readonly authMode: string;
  readonly secret: Uint8Array | null;
  readonly headers: Uint8Array | null;
  readonly furtherTokens: Uint8Array | null;
  readonly options: unknown;
}

/** Whose secrets they are, and for which address. */
type Owner = Pick<SealedConnection, 'tenantId' | 'id' | 'baseUrl'>;

const headerValues = z.record(z.string(), z.string());
const tokenList = z.array(z.string());

/** Seals the secrets of connections and opens them, for calls to their provider and nothing else. */
@Injectable()
export class ConnectionSecrets {
  constructor(private readonly keyRing: KeyRing) {}

  /** The secret as it is stored: it opens only in this record of this tenant. */
  seal(tenantId: string, connectionId: string, secret: string): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.keyRing.seal(secret, tokenSeal({ tenantId, id: connectionId })));
  }

  /** The connection's secret, or null when it signs in without one or by a login. @throws SealError when its key has left the ring. */
  open(connection: SealedConnection): string | null {
    if (connection.authMode !== 'header_token' || connection.secret === null) return null;
    return this.keyRing.open(connection.secret, tokenSeal(connection));
  }

  /** The headers of a connection as they are stored: they open only in this record, and only while it has this origin. */
  sealHeaders(owner: Owner, headers: ReadonlyMap<string, string>): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.keyRing.seal(JSON.stringify(Object.fromEntries(headers)), originSeal(owner, 'headers')));
  }

  /** The headers that go with every call beside what signs in, by their names. @throws SealError as `open` does. */
  openHeaders(connection: Owner & Pick<SealedConnection, 'headers'>): Record<string, string> {
    if (connection.headers === null) return {};
    return headerValues.parse(JSON.parse(this.keyRing.open(connection.headers, originSeal(connection, 'headers'))));
  }

  /** Further tokens as they are stored: like headers, for this origin alone. */
  sealFurtherTokens(owner: Owner, tokens: readonly string[]): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.keyRing.seal(JSON.stringify(tokens), originSeal(owner, 'further-tokens')));
  }

  /** The tokens besides the first. @throws SealError as `open` does. */
  openFurtherTokens(connection: SealedConnection): string[] {
    if (connection.authMode !== 'header_token' || connection.furtherTokens === null) return [];
    return tokenList.parse(JSON.parse(this.keyRing.open(connection.furtherTokens, originSeal(connection, 'further-tokens'))));
  }

  /** All tokens that sign in at the provider, the first one first. Never logged, never shown. @throws SealError as `open` does. */
  signingTokens(connection: SealedConnection): SigningToken[] {
    const first = this.open(connection);
    if (first === null) return [];
    const { header, prefix } = tokenPlace(connection.wire, connectionOptions.parse(connection.options));
    return [first, ...this.openFurtherTokens(connection)].map((token) => {
      return { token, header: [header, prefix === '' ? token : `${prefix} ${token}`] };
    });
  }
}

/** In which context a connection's token is sealed. */
export function tokenSeal({ tenantId, id }: Pick<Owner, 'tenantId' | 'id'>): SealContext {
  return { tenantId, recordId: id };
}

/** In which context its headers and its further tokens are sealed: they belong to one origin. */
export function originSeal({ tenantId, id, baseUrl }: Owner, what: 'headers' | 'further-tokens'): SealContext {
  return { tenantId, recordId: `${id}:${what}:${new URL(baseUrl).origin}` };
}
