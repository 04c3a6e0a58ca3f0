import { heldRoutes } from '../../catalog/approval.js';
import { isListed } from '../../catalog/decide.js';
import type { EndpointFacts } from '../../catalog/facts.js';
import { reachableRoutes } from '../../catalog/match-route.js';
import { keyLimits } from '../../contracts/key-limits.js';
import { promptPolicy } from '../../contracts/prompt-policy.js';
import type { KeyObject, KeyState, OwnKeyObject } from '../../contracts/keys.js';
import { isScope, scopes } from '../../contracts/scopes.js';
import { secondsOrNull, toUnixSeconds } from '../../contracts/times.js';
import type { KeyView } from '../../modules/keys/key-views.js';
import type { KeyReport } from '../../modules/limit-report/key-report.service.js';
import type { IssuedKey } from '../../modules/keys/keys.service.js';
import { presentNotices } from './notices.presenter.js';

/** A key as the admin plane shows it (contract section 4). */
export function presentKey(view: KeyView): KeyObject {
  const { row } = view;
  const { inferenceKeyId: inference, uploadKeyId: upload } = row;
  return {
    ...members(view),
    links: row.purpose === 'conversation' ? { inference, upload } : null,
    allowed_ips: [...row.allowedIps],
    ...times(view),
    ...(row.promptPolicy === null ? {} : { prompt_policy: promptPolicy.parse(row.promptPolicy) }),
  };
}

/** The same after a creation or change, with what of it has no effect. */
export function presentChangedKey(view: KeyView, notices: readonly string[]): KeyObject {
  return { ...presentKey(view), ...presentNotices(notices) };
}

/** A key with its new secret: the one reply that shows it. */
export function presentIssuedKey({ key, secret }: IssuedKey, notices: readonly string[] = []): KeyObject & { secret: string } {
  return { ...presentChangedKey(key, notices), secret };
}

/** A key as it sees itself: without links and addresses, with what it reaches and what it has left. */
export function presentOwnKey(view: KeyView, endpoints: Iterable<EndpointFacts>, report: KeyReport): OwnKeyObject {
  const { key, tenant } = view.identity;
  const routes = reachableRoutes(key, tenant);
  const listed = [...endpoints].filter((endpoint) => isListed(key, endpoint)).map(({ name }) => name);
  return {
    ...members(view),
    ...times(view),
    routes,
    models: listed.sort(),
    held_routes: heldRoutes(key).filter((id) => routes.includes(id)),
    limit_states: report.limits,
    budgets: report.budgets,
  };
}

function members({ row, identity }: KeyView) {
  const { effectiveScopes } = identity.key;
  return {
    object: 'key' as const,
    id: row.id,
    tenant: identity.tenant.slug,
    name: row.name,
    purpose: identity.key.purpose,
    preset: row.preset,
    scopes: row.scopes.filter(isScope),
    effective_scopes: scopes.filter((scope) => effectiveScopes.has(scope)),
    agents: [...row.agents],
    raw_models: [...row.rawModels],
    datasets: [...row.datasets],
    limits: keyLimits.parse(row.limits),
  };
}

function times({ row, identity }: KeyView) {
  return {
    expires_at: secondsOrNull(row.expiresAt),
    keep_alive: identity.key.keepAlive,
    websocket: row.websocket,
    approval: [...row.approval],
    state: stateOf(row),
    last_four: row.secrets[0]?.lastFour ?? '',
    last_used_at: secondsOrNull(row.lastUsedAt),
    created_at: toUnixSeconds(row.createdAt),
  };
}

/** `expired` is what an active key is once its time has passed. */
function stateOf({ state, expiresAt }: KeyView['row']): KeyState {
  if (state !== 'active') return state as KeyState;
  return expiresAt !== null && expiresAt.getTime() <= Date.now() ? 'expired' : 'active';
}
