import { Injectable } from '@nestjs/common';
import { approvalRoutes } from '../../catalog/approval.js';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import { datasetEmbedding } from '../../contracts/datasets.js';
import { keyLimits } from '../../contracts/key-limits.js';
import { limitNotices } from '../../contracts/notices.js';
import type { ApplyAction, TenantEntry } from '../../contracts/platform-file.js';
import type { UpdateTenantRequest } from '../../contracts/tenants.js';
import { AppError } from '../../kernel/app-error.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { TenantRecord } from '../tenants/tenant-record.js';
import { TenantsService } from '../tenants/tenants.service.js';
import { ApplyTransactions } from './apply-transactions.repository.js';
import type { Applicant } from './applicant.js';
import { sorted } from './file-forms.js';
import { differences } from './section-plan.js';

/** The tenant that an entry names, and what became of its own settings. */
export interface PreparedTenant {
  readonly actor: Actor;
  readonly action: ApplyAction;
  /** What of the settings that were set has no effect. */
  readonly notices: readonly string[];
}

/** Brings the tenant itself to what its entry says; fields that it leaves out stay as they are. */
@Injectable()
export class TenantSettings {
  constructor(
    private readonly transactions: ApplyTransactions,
    private readonly tenants: TenantsService,
  ) {}

  /** @throws AppError not_found for a member's foreign tenant, insufficient_role for a member's new hosts or state. */
  async bring(tx: Transaction, applicant: Applicant, entry: TenantEntry): Promise<PreparedTenant> {
    const { slug } = entry;
    const tenantId = await this.transactions.findTenantId(tx, slug);
    if (tenantId === undefined) {
      if (applicant.role !== 'operator') throw new AppError('not_found', { param: 'slug', message: 'No such tenant.' });
      const created = await this.tenants.createIn(tx, applicant, { slug, ...settingsOf(entry) });
      return { actor: { ...applicant, tenantId: created.id }, action: 'created', notices: noticesOf(entry) };
    }
    const actor = { ...applicant, tenantId };
    const changes = differences(compared(settingsOf(entry)), compared(stored(await this.tenants.getIn(tx, actor))));
    const given = Object.entries(changes).filter(([, value]) => value !== undefined);
    if (given.length === 0) return { actor, action: 'unchanged', notices: [] };
    await this.tenants.updateIn(tx, actor, Object.fromEntries(given));
    return { actor, action: 'updated', notices: noticesOf(changes) };
  }

  /** For when all that the file makes is there. @throws AppError invalid_value, naming the setting that names what is not there. */
  async judgeReferences(tx: Transaction, { tenantId }: Actor, entry: TenantEntry): Promise<void> {
    await this.tenants.judgeReferencesIn(tx, tenantId, entry);
  }
}

function noticesOf({ limits, ceiling }: UpdateTenantRequest): string[] {
  return [...limitNotices(limits ?? {}), ...limitNotices(ceiling ?? {}, 'ceiling')];
}

/** The tenant's own settings as they stand in the file. */
function settingsOf({
  name,
  state,
  api_enabled,
  hosts,
  routes_off,
  approval,
  limits,
  ceiling,
  time_zone,
  markup_per_mille,
  retention_days,
  stored_days,
  request_log_days,
  request_bodies,
  vector_stores,
}: TenantEntry): UpdateTenantRequest {
  const all = {
    name,
    state,
    api_enabled,
    hosts,
    routes_off,
    approval,
    limits,
    ceiling,
    time_zone,
    markup_per_mille,
    retention_days,
    stored_days,
    request_log_days,
    request_bodies,
    vector_stores,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** A stored tenant's settings in the form of a file. */
export function stored(tenant: TenantRecord): Required<UpdateTenantRequest> {
  return {
    name: tenant.name,
    state: tenant.state as 'active' | 'suspended' | 'disabled',
    api_enabled: tenant.apiEnabled,
    hosts: tenant.hosts.map(({ host }) => host),
    routes_off: tenant.routesOff,
    approval: tenant.approval,
    limits: keyLimits.parse(tenant.limits),
    ceiling: keyLimits.parse(tenant.ceiling),
    time_zone: tenant.timeZone,
    markup_per_mille: tenant.markupPerMille,
    retention_days: tenant.retentionDays,
    stored_days: tenant.storedDays,
    request_log_days: tenant.requestLogDays,
    request_bodies: tenant.requestBodyDays === null ? null : { days: tenant.requestBodyDays },
    vector_stores: { embedding: datasetEmbedding.nullable().parse(tenant.vectorStoreEmbedding) },
  };
}

/** The settings with sets sorted and nothing left out of limits. */
function compared(settings: UpdateTenantRequest): UpdateTenantRequest {
  return {
    ...settings,
    ...(settings.hosts === undefined ? {} : { hosts: sorted(settings.hosts) }),
    ...(settings.routes_off === undefined ? {} : { routes_off: sorted(settings.routes_off) }),
    ...(settings.approval === undefined ? {} : { approval: approvalRoutes(settings.approval) }),
    ...(settings.limits === undefined ? {} : { limits: keyLimits.parse(settings.limits) }),
    ...(settings.ceiling === undefined ? {} : { ceiling: keyLimits.parse(settings.ceiling) }),
  };
}
