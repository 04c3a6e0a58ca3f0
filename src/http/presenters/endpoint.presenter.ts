import { endpointNameWarnings, type EndpointObject } from '../../contracts/endpoints.js';
import { endpointLimits } from '../../contracts/key-limits.js';
import { limitNotices } from '../../contracts/notices.js';
import { toUnixSeconds } from '../../contracts/times.js';
import type { EndpointView } from '../../modules/agents/endpoints.service.js';

/** A published name and what stands behind it. */
export function presentEndpoint({ record, modalities }: EndpointView): EndpointObject {
  const { revision, connection, model } = record;
  return {
    object: 'endpoint',
    id: record.id,
    name: record.name,
    kind: record.kind as EndpointObject['kind'],
    agent: revision?.agent.name ?? null,
    revision: revision?.number ?? null,
    raw_model: connection === null || model === null ? null : { connection: connection.name, model },
    modalities: [...modalities],
    default: record.isDefault,
    limits: endpointLimits.parse(record.limits),
    created_at: toUnixSeconds(record.createdAt),
  };
}

/** The same after a creation or change, with what is worth knowing about the name and its limits. */
export function presentChangedEndpoint(view: EndpointView): EndpointObject {
  const warnings = [...endpointNameWarnings(view.record.name), ...limitNotices(endpointLimits.parse(view.record.limits))];
  return { ...presentEndpoint(view), ...(warnings.length === 0 ? {} : { warnings }) };
}
