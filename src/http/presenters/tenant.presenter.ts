import { limitNotices } from '../../contracts/notices.js';
import type { TenantObject, UpdateTenantRequest } from '../../contracts/tenants.js';
import { toUnixSeconds } from '../../contracts/times.js';
import type { TenantRecord } from '../../modules/tenants/tenant-record.js';
import { presentNotices } from './notices.presenter.js';

/** A tenant with its settings, as operators and its members see it. */
export function presentTenant(tenant: TenantRecord): TenantObject {
  return {
    object: 'tenant',
    id: tenant.id,
    slug: tenant.slug,
    name: tenant.name,
    state: tenant.state as TenantObject['state'],
    api_enabled: tenant.apiEnabled,
    hosts: tenant.hosts.map(({ host }) => host),
    routes_off: tenant.routesOff,
    approval: tenant.approval,
    limits: tenant.limits as TenantObject['limits'],
    ceiling: tenant.ceiling as TenantObject['ceiling'],
    time_zone: tenant.timeZone,
    markup_per_mille: tenant.markupPerMille,
    retention_days: tenant.retentionDays,
    stored_days: tenant.storedDays,
    request_log_days: tenant.requestLogDays,
    request_bodies: tenant.requestBodyDays === null ? null : { days: tenant.requestBodyDays },
    vector_stores: { embedding: tenant.vectorStoreEmbedding as TenantObject['vector_stores']['embedding'] },
    created_at: toUnixSeconds(tenant.createdAt),
  };
}

/** The same after a creation or change, with what of the request has no effect. */
export function presentChangedTenant(tenant: TenantRecord, { limits, ceiling }: UpdateTenantRequest): TenantObject {
  const notices = [...limitNotices(limits ?? {}), ...limitNotices(ceiling ?? {}, 'ceiling')];
  return { ...presentTenant(tenant), ...presentNotices(notices) };
}
