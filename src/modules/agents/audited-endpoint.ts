import { endpointLimits } from '../../contracts/key-limits.js';
import type { AuditedFields } from '../audit/before-and-after.js';
import type { EndpointRecord } from './endpoints.repository.js';

/** A published name in the words of its requests, as the audit shows it, with the revision that it leads to. */
export function auditedEndpoint({
  name,
  isDefault,
  limits,
  revision,
  connection,
  model,
  modalities,
}: EndpointRecord): AuditedFields {
  const leadsTo =
    revision === null
      ? { raw_model: { connection: connection?.name ?? null, model, modalities } }
      : { agent: revision.agent.name, revision: revision.number };
  return { name, default: isDefault, ...leadsTo, limits: endpointLimits.parse(limits) };
}
