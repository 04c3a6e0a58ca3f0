import { isDeepStrictEqual } from 'node:util';
import { approvalRoutes } from '../../catalog/approval.js';
import { keyLimits } from '../../contracts/key-limits.js';
import { promptPolicy } from '../../contracts/prompt-policy.js';
import type { UpdateKeyRequest } from '../../contracts/keys.js';
import { isScope } from '../../contracts/scopes.js';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import { grantChange, refuseRevoked, type GrantSources } from './key-granting.js';
import { expiryAhead, mergedLimits } from './key-grants.js';
import type { KeyRow } from './key-row.js';
import type { KeyFields } from './keys.repository.js';
import { unique, type OwnFields } from './new-fields.js';

/** What a change makes of a key. */
export interface PlannedChange {
  /** All fields as they are then. */
  readonly fields: KeyFields;
  /** False when they are all as they were. */
  readonly isChange: boolean;
}

/** Holds a request to change a key against the key. @throws AppError conflict for a revoked key, and as `grantChange`. */
export function planChange(actor: Actor, row: KeyRow, input: UpdateKeyRequest, sources: GrantSources): PlannedChange {
  refuseRevoked(row);
  const current = fieldsOf(row);
  const fields = { ...current, ...changedFields(input, current), ...grantChange(actor, row, input, sources) };
  return { fields, isChange: !isDeepStrictEqual(fields, current) };
}

function changedFields(input: UpdateKeyRequest, current: OwnFields): OwnFields {
  return {
    name: input.name ?? current.name,
    agents: unique(input.agents ?? current.agents),
    rawModels: unique(input.raw_models ?? current.rawModels),
    datasets: unique(input.datasets ?? current.datasets),
    limits: mergedLimits(current.limits, input.limits ?? {}),
    allowedIps: unique(input.allowed_ips ?? current.allowedIps),
    promptPolicy: input.prompt_policy === undefined ? current.promptPolicy : input.prompt_policy,
    keepAlive: input.keep_alive ?? current.keepAlive,
    websocket: input.websocket ?? current.websocket,
    approval: input.approval === undefined ? current.approval : approvalRoutes(input.approval),
    expiresAt:
      input.expires_at === undefined || sameMoment(input.expires_at, current.expiresAt)
        ? current.expiresAt
        : expiryAhead(input.expires_at, Date.now()),
  };
}

/** An expiry that is given as it already is changes nothing, even when it has passed. */
function sameMoment(seconds: number | null, current: Date | null): boolean {
  return seconds !== null && current !== null && seconds === Math.floor(current.getTime() / 1000);
}

function fieldsOf(row: KeyRow): KeyFields {
  return {
    name: row.name,
    scopes: row.scopes.filter(isScope),
    agents: row.agents,
    rawModels: row.rawModels,
    datasets: row.datasets,
    limits: keyLimits.parse(row.limits),
    allowedIps: row.allowedIps,
    promptPolicy: row.promptPolicy === null ? null : promptPolicy.parse(row.promptPolicy),
    keepAlive: row.keepAlive,
    websocket: row.websocket,
    approval: row.approval,
    expiresAt: row.expiresAt,
    inferenceKeyId: row.inferenceKeyId,
    uploadKeyId: row.uploadKeyId,
  };
}
