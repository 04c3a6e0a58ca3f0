import type { Body, Reply } from '../../api/call.js';
import { limitIds, type LimitName } from './limit-names.js';

type Tenant = Reply<'tenants.get'>;

const limitTexts = (limits: Tenant['limits']) =>
  Object.fromEntries(limitIds.map((id) => [id, limits[id]?.toString() ?? ''])) as Record<LimitName, string>;

/** The settings as a form has them: an empty text is none. */
export const draftOf = (tenant: Tenant) => ({
  name: tenant.name,
  api_enabled: tenant.api_enabled,
  time_zone: tenant.time_zone,
  limits: limitTexts(tenant.limits),
  retention_days: tenant.retention_days?.toString() ?? '',
  stored_days: tenant.stored_days.toString(),
  request_log_days: tenant.request_log_days?.toString() ?? '',
  body_days: tenant.request_bodies?.days.toString() ?? '',
  routes_off: tenant.routes_off,
  approval: tenant.approval.join('\n'),
  hosts: tenant.hosts.join('\n'),
  ceiling: limitTexts(tenant.ceiling),
  markup: (tenant.markup_per_mille / 10).toString(),
});

export type SettingsDraft = ReturnType<typeof draftOf>;

const numberOf = (text: string) => (text.trim() === '' ? null : Number(text));
const namesOf = (text: string) => text.split(/[\s,]+/).filter((name) => name !== '');
const limitsOf = (texts: Record<LimitName, string>) =>
  Object.fromEntries(limitIds.map((id) => [id, numberOf(texts[id])])) as Record<LimitName, number | null>;

/** What of the settings is other than it was: nothing else is sent, so that it is not changed back under somebody else. */
export function settingsChange(tenant: Tenant, draft: SettingsDraft): Body<'tenants.update'> {
  const whole = (from: SettingsDraft): Required<Omit<Body<'tenants.update'>, 'state' | 'vector_stores'>> => ({
    name: from.name,
    api_enabled: from.api_enabled,
    time_zone: from.time_zone,
    limits: limitsOf(from.limits),
    retention_days: numberOf(from.retention_days),
    stored_days: Number(from.stored_days),
    request_log_days: numberOf(from.request_log_days),
    request_bodies: from.body_days.trim() === '' ? null : { days: Number(from.body_days) },
    routes_off: from.routes_off,
    approval: namesOf(from.approval),
    hosts: namesOf(from.hosts),
    ceiling: limitsOf(from.ceiling),
    markup_per_mille: Math.round(Number(from.markup) * 10),
  });
  const before = whole(draftOf(tenant));
  const changed = Object.entries(whole(draft)).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name as keyof typeof before]),
  );
  return Object.fromEntries(changed);
}
