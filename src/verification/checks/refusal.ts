import { reachesRow } from '../../catalog/decide.js';
import { routeIds, routeRow, type RouteId } from '../../catalog/routes.js';
import { errorOf } from '../exchange.js';
import { failureOf } from '../failure.js';
import { failed, passed, skipped, type Result } from '../result.js';
import type { VerificationRun } from '../run.js';

/** Routes that change nothing and need no id, so that whoever is let in by mistake does no harm. */
const harmless = routeIds.filter(
  (id) => routeRow(id).access === 'R' && !routeRow(id).path.includes('{') && routeRow(id).isSocket !== true,
);

/** A route that the key does not grant answers 403 and names the scope that is missing. */
export async function refusesOthers(run: VerificationRun): Promise<Result> {
  const { key } = run;
  if (key === undefined) return skipped('The key is not known.');
  const beyond = harmless.filter((id) => !reachesRow({ effectiveScopes: key.scopes }, routeRow(id)));
  for (const route of beyond) {
    const given = await run.client.call({ route });
    if (given.kind !== 'answered') return failureOf(run, route, given);
    const told = errorOf(given);
    // A group that the tenant has switched off says nothing about scopes.
    if (given.status === 404 && told?.code === 'unknown_url') continue;
    return judged(run, route, given.status, told?.code ?? null, told?.message ?? '', given);
  }
  return skipped('The key grants every route with which this could be tried.');
}

async function judged(
  run: VerificationRun,
  route: RouteId,
  status: number,
  code: string | null,
  message: string,
  given: Parameters<typeof failureOf>[2],
): Promise<Result> {
  const { method, path, scopes } = routeRow(route);
  const missing = scopes === 'any' ? [] : scopes;
  if (status === 403 && code === 'insufficient_scope') {
    const named = missing.every((scope) => message.includes(scope));
    return named
      ? passed(`${method} /v1${path} is refused with 403, and names ${missing.join(' or ')}.`)
      : failed(
          'answer',
          `${method} /v1${path} is refused with 403 and does not name ${missing.join(' or ')}.`,
          'Tell who runs the platform.',
        );
  }
  if (status < 300)
    return failed('answer', `${method} /v1${path} is answered, though the key does not grant it.`, 'Tell who runs the platform.');
  return failureOf(run, route, given);
}
