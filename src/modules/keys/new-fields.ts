import { approvalRoutes } from '../../catalog/approval.js';
import type { CreateKeyRequest } from '../../contracts/keys.js';
import type { KeyLimits } from '../../contracts/key-limits.js';
import { expiryAhead, mergedLimits } from './key-grants.js';
import type { KeyFields } from './keys.repository.js';

/** What a key says of itself; scopes and links are granted. */
export type OwnFields = Omit<KeyFields, 'scopes' | 'inferenceKeyId' | 'uploadKeyId'>;

/** The fields of a new key, its preset's limits included. @throws AppError invalid_value for an expiry that has passed. */
export function newFields(input: Omit<CreateKeyRequest, 'tenant'>, presetLimits: KeyLimits | undefined): OwnFields {
  return {
    name: input.name,
    agents: unique(input.agents),
    rawModels: unique(input.raw_models),
    datasets: unique(input.datasets),
    limits: mergedLimits(presetLimits, input.limits),
    allowedIps: unique(input.allowed_ips),
    promptPolicy: input.prompt_policy,
    keepAlive: input.keep_alive,
    websocket: input.websocket,
    approval: approvalRoutes(input.approval),
    expiresAt: expiryAhead(input.expires_at, Date.now()),
  };
}

/** The names without repetition. */
export function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
