import type { IncomingHttpHeaders } from 'node:http';
import { decideModel } from '../../../catalog/decide.js';
import type { KeyFacts } from '../../../catalog/facts.js';
import type { Need } from '../../../catalog/needs.js';
import { resolveSpelling } from '../../../catalog/spellings.js';
import type { Modality } from '../../../contracts/scopes.js';
import { AppError } from '../../../kernel/app-error.js';
import { findEndpoint } from '../../agents/endpoint-directory.js';
import { modelTarget, type ModelTarget, type PublishedEndpoint, type TenantEndpoints } from '../../agents/published-endpoint.js';

/** Which endpoint a call uses, and where it leads. */
export interface ChosenEndpoint {
  readonly endpoint: PublishedEndpoint;
  readonly target: ModelTarget;
  /** What the reply's `model` says and usage is booked under. */
  readonly publishedName: string;
}

const visible = /^[\x21-\x7e]{1,256}$/;

/**
 * Finds the endpoint that the request names: `x-openclaw-agent-id` wins over the body's `model`; both go through the
 * allowlist; `X-GT-Model` (or `x-openclaw-model`) then names another backend model for a key with inference:override.
 * @throws AppError missing_required_parameter, model_not_found, unsupported_modality, insufficient_scope, invalid_value.
 */
export function chooseEndpoint(
  key: KeyFacts,
  endpoints: TenantEndpoints,
  headers: IncomingHttpHeaders,
  bodyModel: string | undefined,
  modality: Modality,
): ChosenEndpoint {
  const agentId = headerText(headers, 'x-openclaw-agent-id');
  const name = agentId ?? bodyModel;
  if (name === undefined || name === '') {
    throw new AppError('missing_required_parameter', { param: 'model', message: "Missing required parameter: 'model'." });
  }
  const endpoint = findEndpoint(endpoints, resolveSpelling(name));
  const refused = decideModel(key, endpoint, name, modality);
  if (refused !== undefined) {
    const { code, ...options } = refused;
    throw new AppError(code, options);
  }
  const target = endpoint?.targets.get(modality);
  if (endpoint === undefined || target === undefined)
    throw new AppError('internal_error', { cause: 'an allowed endpoint has no target' });
  const override = overrideOf(headers);
  return override === undefined
    ? { endpoint, target, publishedName: endpoint.name }
    : overridden(key, endpoints, { endpoint, target, publishedName: override }, modality);
}

/** What a call with these headers needs of its key beyond what its route says. */
export function overrideNeeds(headers: IncomingHttpHeaders): readonly Need[] {
  return overrideOf(headers) === undefined ? [] : [['inference:override']];
}

function overrideOf(headers: IncomingHttpHeaders): string | undefined {
  return headerText(headers, 'x-gt-model') ?? headerText(headers, 'x-openclaw-model');
}

/** @param usual where the endpoint leads, and the name of the model that is asked in its place. */
function overridden(
  key: KeyFacts,
  endpoints: TenantEndpoints,
  { endpoint, target: usual, publishedName }: ChosenEndpoint,
  modality: Modality,
): ChosenEndpoint {
  if (!key.effectiveScopes.has('inference:override')) {
    throw new AppError('insufficient_scope', {
      message: 'You have insufficient permissions for this operation. Missing scopes: inference:override.',
    });
  }
  const slash = publishedName.indexOf('/');
  const named = slash > 0 ? endpoints.connections.get(publishedName.slice(0, slash)) : undefined;
  if (named !== undefined && !named.served.has(modality)) {
    const message = `The connection of \`${publishedName}\` does not serve ${modality} requests.`;
    throw new AppError('unsupported_modality', { param: 'x-gt-model', message });
  }
  const target =
    named === undefined ? modelTarget(usual.connection, publishedName) : modelTarget(named, publishedName.slice(slash + 1));
  if (target.model === '') throw new AppError('invalid_value', { param: 'x-gt-model', message: 'The header names no model.' });
  return { endpoint, target, publishedName };
}

function headerText(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string' || !visible.test(value)) {
    throw new AppError('invalid_value', { param: name, message: `The header ${name} must hold one name of visible characters.` });
  }
  return value;
}
