import type { ModelObject } from '../../contracts/models.js';
import type { PublishedEndpoint } from '../../modules/agents/published-endpoint.js';

/** A published name as an entry of the model list (contract section 10). `id` is what the client asked for. */
export function presentModel(endpoint: PublishedEndpoint, tenantSlug: string, id: string = endpoint.name): ModelObject {
  return {
    id,
    object: 'model',
    created: endpoint.created,
    owned_by: tenantSlug,
    gt: { kind: endpoint.kind, default: endpoint.isDefault, modalities: [...endpoint.modalities] },
  };
}
