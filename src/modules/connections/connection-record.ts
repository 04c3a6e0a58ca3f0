import type { Connection, ConnectionLogin } from '../../platform/database/generated/client.js';

/**
 * A connection's row, the slug of its tenant, and its login where it has one. Secrets and tokens are sealed; presenters show
 * only that there are some.
 */
export interface ConnectionRecord extends Connection {
  readonly tenant: { readonly slug: string };
  readonly login: ConnectionLogin | null;
}

/** The id and name by which datasets and endpoints refer to a connection. */
export interface ConnectionReference {
  readonly id: string;
  readonly name: string;
}
