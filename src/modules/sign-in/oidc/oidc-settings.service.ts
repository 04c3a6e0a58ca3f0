import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../catalog/admin/admin-identity.js';
import type { SetOidcRequest } from '../../../contracts/oidc.js';
import { AppError } from '../../../kernel/app-error.js';
import { newId } from '../../../kernel/ids.js';
import { TenantDatabase } from '../../../platform/database/tenant-database.js';
import { AuditWriter } from '../../audit/audit-writer.js';
import { beforeAndAfter, type AuditedFields } from '../../audit/before-and-after.js';
import { OidcSecrets } from './oidc-secrets.js';
import { OidcServers } from './oidc-servers.js';
import { OidcRepository, type OidcRecord } from './oidc.repository.js';

/** The settings of a tenant's own sign-in. */
@Injectable()
export class OidcSettingsService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly repository: OidcRepository,
    private readonly servers: OidcServers,
    private readonly secrets: OidcSecrets,
    private readonly audit: AuditWriter,
  ) {}

  /** @throws AppError not_found. */
  async get({ tenantId }: Actor): Promise<OidcRecord> {
    const found = await this.database.run(tenantId, (transaction) => this.repository.find(transaction, tenantId));
    if (found === undefined) throw none();
    return found;
  }

  /**
   * Sets it, once the issuer has answered: a typing slip is told at once.
   * @throws AppError invalid_value for an address that may not be called; missing_required_parameter for a secret that belonged to
   * another issuer or client; upstream_error, upstream_unavailable.
   */
  async set(actor: Actor, input: SetOidcRequest): Promise<OidcRecord> {
    const { tenantId } = actor;
    await this.servers.judge(input.issuer);
    await this.servers.ask({ issuer: input.issuer, clientId: input.client_id, secret: null, auth: input.client_auth });
    return this.database.run(tenantId, async (transaction) => {
      await this.repository.lock(transaction, tenantId);
      const before = await this.repository.find(transaction, tenantId);
      const values = {
        issuer: input.issuer,
        clientId: input.client_id,
        clientAuth: input.client_auth,
        scopes: input.scopes,
        clientSecret: this.secretOf(tenantId, before, input),
      };
      const record = await this.repository.put(transaction, tenantId, before?.id ?? newId('oidc'), values);
      const given = input.client_secret === undefined ? [] : ['client_secret'];
      const changed =
        before === undefined ? { changes: audited(record) } : beforeAndAfter(audited(before), audited(record), given);
      const action = before === undefined ? 'create' : 'update';
      await this.audit.record(transaction, actor, { action, kind: 'oidc', objectId: record.id, ...changed });
      return record;
    });
  }

  /** @throws AppError not_found. */
  async delete(actor: Actor): Promise<string> {
    const { tenantId } = actor;
    return this.database.run(tenantId, async (transaction) => {
      await this.repository.lock(transaction, tenantId);
      const before = await this.repository.find(transaction, tenantId);
      if (before === undefined) throw none();
      await this.repository.delete(transaction, tenantId);
      const entry = { action: 'delete', kind: 'oidc', objectId: before.id, before: audited(before) };
      await this.audit.record(transaction, actor, entry);
      return before.id;
    });
  }

  /** A stored secret goes only to the issuer for which it was entered. */
  private secretOf(tenantId: string, before: OidcRecord | undefined, input: SetOidcRequest): Uint8Array<ArrayBuffer> | null {
    const { client_secret: secret, issuer, client_id: clientId } = input;
    if (secret === null) return null;
    if (secret !== undefined) return this.secrets.sealSecret(tenantId, secret);
    if (before?.clientSecret == null) return null;
    if (before.issuer === issuer && before.clientId === clientId) return before.clientSecret;
    throw new AppError('missing_required_parameter', {
      param: 'client_secret',
      message: 'The stored client secret belongs to the former issuer and client. Give the new one, or null for none.',
    });
  }
}

function audited({ issuer, clientId, clientAuth, scopes, clientSecret }: OidcRecord): AuditedFields {
  const secret = clientSecret === null ? null : 'set';
  return { issuer, client_id: clientId, client_auth: clientAuth, scopes, client_secret: secret };
}

function none(): AppError {
  return new AppError('not_found', { message: 'This tenant has no sign-in of its own.' });
}
