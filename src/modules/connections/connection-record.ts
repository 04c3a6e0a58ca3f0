import type { Connection } from '../../platform/database/generated/client.js';

/** A connection's row and the slug of its tenant. Its `secret` is sealed; presenters show only that there is one. */
export interface ConnectionRecord extends Connection {
  readonly tenant: { readonly slug: string };
}

/** The id and name by which datasets and endpoints refer to a connection. */
export interface ConnectionReference {
  readonly id: string;
  readonly name: string;
}
