import type { SealContext } from '../../platform/secrets/key-ring.js';
import { originSeal, tokenSeal } from '../connections/connection-secrets.js';
import { proxySeal } from '../connections/connection-ways.js';
import { loginSeal } from '../connections/login/login-secrets.js';
import { oidcSeal } from '../sign-in/oidc/oidc-secrets.js';
import { totpSeal } from '../sign-in/second-factor.js';
import { webhookSeal } from '../webhooks/webhook-secrets.js';

/** A row with a sealed column, as far as its context hangs on it. */
export interface SealedRow {
  readonly tenantId: string;
  readonly id: string;
  /** What `further` names. */
  readonly further: string;
}

/** A column of sealed secrets that stay until somebody changes them. Its table has the key (tenant_id, id). */
export interface SealedColumn {
  /** By which people know it. */
  readonly name: string;
  readonly table: string;
  readonly column: string;
  /** A further column that the context hangs on. */
  readonly further?: string;
  contextOf(row: SealedRow): SealContext;
}

/** All columns whose secrets a rotation seals anew. */
export const sealedColumns: readonly SealedColumn[] = [
  { name: 'tokens of connections', table: 'connections', column: 'secret', contextOf: tokenSeal },
  {
    name: 'further tokens of connections',
    table: 'connections',
    column: 'further_tokens',
    further: 'base_url',
    contextOf: (row) => originSeal({ ...row, baseUrl: row.further }, 'further-tokens'),
  },
  {
    name: 'headers of connections',
    table: 'connections',
    column: 'headers',
    further: 'base_url',
    contextOf: (row) => originSeal({ ...row, baseUrl: row.further }, 'headers'),
  },
  { name: 'proxies of connections', table: 'connections', column: 'proxy_secret', contextOf: proxySeal },
  {
    name: 'client secrets of logins',
    table: 'connection_logins',
    column: 'client_secret',
    contextOf: (row) => loginSeal(row, 'client-secret'),
  },
  { name: 'tokens of logins', table: 'connection_logins', column: 'tokens', contextOf: (row) => loginSeal(row, 'tokens') },
  {
    name: 'secrets of webhooks',
    table: 'webhooks',
    column: 'secret',
    contextOf: ({ tenantId, id }) => webhookSeal(tenantId, id),
  },
  {
    name: 'former secrets of webhooks',
    table: 'webhook_former_secrets',
    column: 'secret',
    further: 'webhook_id',
    contextOf: ({ tenantId, further }) => webhookSeal(tenantId, further),
  },
  {
    name: 'second factors',
    table: 'member_credentials',
    column: 'totp_secret',
    contextOf: ({ tenantId, id }) => totpSeal(tenantId, id),
  },
  { name: 'sign-ins of tenants', table: 'tenant_oidc', column: 'client_secret', contextOf: ({ tenantId }) => oidcSeal(tenantId) },
];

/** Columns of sealed contents that go by themselves, after so many hours at most. They are counted, and not sealed anew. */
export const passingColumns: readonly (Pick<SealedColumn, 'name' | 'table' | 'column'> & { readonly hours: number })[] = [
  { name: 'logins that were begun', table: 'connection_logins', column: 'attempt', hours: 1 },
  { name: 'answers kept for an Idempotency-Key', table: 'idempotent_requests', column: 'body', hours: 24 },
  { name: 'thoughts of models', table: 'kept_thoughts', column: 'content', hours: 24 },
  { name: 'requests that wait for an approval', table: 'approvals', column: 'head', hours: 48 },
  { name: 'bodies of calls', table: 'request_bodies', column: 'content', hours: 24 * 30 },
  { name: 'bodies and results of held calls', table: 'approval_parts', column: 'bytes', hours: 48 },
];
