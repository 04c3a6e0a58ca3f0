import { decideModel, isListed, listingNeed } from '../../../catalog/decide.js';
import type { KeyFacts } from '../../../catalog/facts.js';
import type { Need } from '../../../catalog/needs.js';
import { resolveSpelling } from '../../../catalog/spellings.js';
import type { Modality } from '../../../contracts/scopes.js';
import { AppError } from '../../../kernel/app-error.js';
import { findEndpoint } from '../../agents/endpoint-directory.js';
import type { PublishedEndpoint, TenantEndpoints } from '../../agents/published-endpoint.js';
import type { ConnectionTarget } from '../../agents/connection-target.js';

/** A raw model that can be fine-tuned. */
export interface TunableModel {
  /** Its published name. */
  readonly name: string;
  readonly connection: ConnectionTarget;
  /** Its provider's name for it. */
  readonly model: string;
  readonly modalities: readonly Modality[];
}

/**
 * The raw model that a key names for a job.
 * @throws AppError model_not_found for one that it may not use; invalid_value for an agent; unsupported_modality where the
 * connection makes no jobs; upstream_unavailable for a connection that cannot be used.
 */
export function tunableModel(endpoints: TenantEndpoints, key: KeyFacts, named: string): TunableModel {
  const endpoint = listedEndpoint(endpoints, key, named, 'model');
  if (endpoint.kind !== 'raw_model')
    throw new AppError('invalid_value', {
      param: 'model',
      message: `The model \`${named}\` is an agent. Name a raw model: fine-tuning is the provider's.`,
    });
  const [target] = endpoint.targets.values();
  if (target === undefined) throw notFound(named, 'model');
  const { connection, model } = target;
  if (connection.tuning.fineTuning !== 'on')
    throw new AppError('unsupported_modality', {
      param: 'model',
      message: `The model \`${named}\` cannot be fine-tuned: fine-tuning is not switched on for its connection.`,
    });
  return { name: endpoint.name, connection, model, modalities: [...endpoint.modalities] };
}

/** A model that a grader asks: another raw model of the same connection. @throws AppError model_not_found, invalid_value. */
export function graderModel(
  endpoints: TenantEndpoints,
  key: KeyFacts,
  named: string,
  { connectionId, param }: { readonly connectionId: string; readonly param: string },
): string {
  const [target] = listedEndpoint(endpoints, key, named, param).targets.values();
  if (target?.connection.id === connectionId) return target.model;
  throw new AppError('invalid_value', {
    param,
    message: `The model \`${named}\` cannot grade: it is not a raw model of the connection that is fine-tuned over.`,
  });
}

/** What a job needs of its key to name this model. */
export function namingNeed(endpoints: TenantEndpoints, named: string): Need {
  const endpoint = findEndpoint(endpoints, resolveSpelling(named));
  return endpoint === undefined ? [] : listingNeed(endpoint);
}

function listedEndpoint(endpoints: TenantEndpoints, key: KeyFacts, named: string, param: string): PublishedEndpoint {
  const endpoint = findEndpoint(endpoints, resolveSpelling(named));
  if (endpoint === undefined || !isListed(key, endpoint)) throw notFound(named, param);
  return endpoint;
}

/** As every other call answers for a model that is not there. */
function notFound(named: string, param: string): AppError {
  const { code = 'model_not_found', ...options } = decideModel({} as KeyFacts, undefined, named, 'chat') ?? {};
  return new AppError(code, { ...options, param });
}
