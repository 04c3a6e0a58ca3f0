import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../catalog/admin/admin-identity.js';
import { Config } from '../../../config/config.module.js';
import { AppError } from '../../../kernel/app-error.js';
import { timeOfId } from '../../../kernel/ids.js';
import { parsedOrUndefined } from '../../../kernel/parse-json.js';
import { TenantDatabase, type Transaction } from '../../../platform/database/tenant-database.js';
import { KeyRing, SealError } from '../../../platform/secrets/key-ring.js';
import { AuditWriter } from '../../audit/audit-writer.js';
import { bodiesSeal, type CallBodies } from './body-text.js';

/** Reads the bodies of calls. Who read them stands in the audit. */
@Injectable()
export class RequestBodiesService {
  private readonly days: number;

  constructor(
    private readonly database: TenantDatabase,
    private readonly keyRing: KeyRing,
    private readonly audit: AuditWriter,
    config: Config,
  ) {
    this.days = config.GT_REQUEST_LOG_DAYS;
  }

  /** @throws AppError not_found where none are kept; insufficient_role for operators, who never see them. */
  async get(actor: Actor, id: string): Promise<CallBodies> {
    const { tenantId } = actor;
    return this.database.run(tenantId, async (transaction) => {
      const sealed = await this.find(transaction, tenantId, id);
      if (sealed === undefined) throw new AppError('not_found', { param: 'id', message: 'No bodies are kept of this request.' });
      if (actor.role === 'operator')
        throw new AppError('insufficient_role', { message: 'Bodies of calls are for people of the tenant alone.' });
      await this.audit.record(transaction, actor, { action: 'read', kind: 'request_bodies', objectId: id });
      return this.opened(tenantId, id, sealed);
    });
  }

  private async find(transaction: Transaction, tenantId: string, id: string): Promise<Uint8Array | undefined> {
    const atMs = timeOfId('request', id);
    if (atMs === undefined) return undefined;
    const rows = await transaction.$queryRaw<{ content: Uint8Array }[]>`
      select b.content from tenants t join request_bodies b on b.tenant_id = t.id
       where t.id = ${tenantId} and b.id = ${id} and b.created_at = ${new Date(atMs)}
         and t.request_body_days is not null
         and b.created_at >= now() - make_interval(days => least(t.request_body_days, t.request_log_days, ${this.days}::integer))`;
    return rows[0]?.content;
  }

  private opened(tenantId: string, id: string, sealed: Uint8Array): CallBodies {
    try {
      return parsedOrUndefined(this.keyRing.open(sealed, bodiesSeal(tenantId, id))) as CallBodies;
    } catch (cause) {
      if (!(cause instanceof SealError)) throw cause;
      throw new AppError('not_found', { param: 'id', message: 'The bodies of this request do not open any more.', cause });
    }
  }
}
