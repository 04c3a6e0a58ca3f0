import { AppError } from '../kernel/app-error.js';
import { allows, type Allowlist, type KeyFacts } from './facts.js';
import { matchRoute } from './match-route.js';
import { routeIds, routeRow, type RouteId } from './routes.js';

/** Every route that can be put under approval: those that execute or change something. */
export const approvableRoutes: readonly RouteId[] = routeIds.filter((id) => routeRow(id).access === 'X');

const socket: RouteId = 'responses.websocket';
const batches: RouteId = 'batches.create';

/** Whether anything of a key is under approval. */
export function hasApprovals({ approval }: Pick<KeyFacts, 'approval'>): boolean {
  return approval === '*' || approval.size > 0;
}

/** Is a call of this route held until somebody approves it? Opening a socket is not; what is asked over it is. */
export function isHeld({ approval }: Pick<KeyFacts, 'approval'>, id: RouteId): boolean {
  return id !== socket && routeRow(id).access === 'X' && allows(approval, id);
}

/** The same for a response that is asked for over a socket: it is one of `POST /responses`, too. */
export function isHeldOnSocket({ approval }: Pick<KeyFacts, 'approval'>): boolean {
  return allows(approval, socket) || allows(approval, 'responses.create');
}

/**
 * The same for a batch, by what its body says: it makes calls of the route that its endpoint names.
 * @param endpoint as the batch's body has it, e.g. `/v1/chat/completions`.
 */
export function isBatchHeld(key: Pick<KeyFacts, 'approval'>, endpoint: unknown): boolean {
  if (isHeld(key, batches)) return true;
  if (typeof endpoint !== 'string') return false;
  const match = matchRoute('POST', endpoint);
  return match.kind === 'row' && isHeld(key, match.id);
}

/** Whether the body has a say in whether a call is held. */
export function asksBody(key: Pick<KeyFacts, 'approval'>, id: RouteId): boolean {
  return id === batches && hasApprovals(key) && !isHeld(key, id);
}

/** Those routes of a key whose calls are held, in the order of the table. */
export function heldRoutes({ approval }: Pick<KeyFacts, 'approval'>): RouteId[] {
  return approvableRoutes.filter((id) => allows(approval, id));
}

/** Several lists as one: what one of them holds is held. */
export function heldByAny(lists: readonly (readonly string[])[]): Allowlist {
  const all = lists.flat();
  return all.includes('*') ? '*' : new Set(all);
}

/**
 * The routes that a setting names, as ids of the table, sorted; `*` stands alone for all. A route goes by its id, by method and
 * path (`POST /chat/completions`), or by its path, which means all that stands there.
 * @throws AppError invalid_value for what is no route that executes or changes something.
 */
export function approvalRoutes(texts: readonly string[]): string[] {
  if (texts.includes('*')) return ['*'];
  return [...new Set(texts.flatMap(routesOf))].sort();
}

function routesOf(text: string): RouteId[] {
  const [, method, path] = /^(?:([A-Za-z]+) +)?(\/.*)$/.exec(text) ?? [];
  const found = approvableRoutes.filter((id) => {
    const row = routeRow(id);
    return path === undefined ? id === text : row.path === path && (method === undefined || row.method === method.toUpperCase());
  });
  if (found.length === 0)
    throw new AppError('invalid_value', {
      param: 'approval',
      message: `'${text.slice(0, 100)}' is no route that executes or changes something. Name routes by their ids or paths, or all with "*".`,
    });
  return found;
}
