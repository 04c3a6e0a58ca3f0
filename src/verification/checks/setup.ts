import type { RouteId } from '../../catalog/routes.js';
import { clientAddress } from '../client.js';
import { configuredRouteOf, configuredValue, documentedUrl, leadsTo } from '../documented-form.js';
import { failureOf } from '../failure.js';
import { jsonOf } from '../exchange.js';
import { failed, passed, type Result } from '../result.js';
import type { VerificationRun } from '../run.js';

/**
 * The client makes the documented address of each route that it calls. An address that only this platform forgives is a
 * fault, unless the runbook says that both forms are right.
 */
export function baseUrlIsRight(run: VerificationRun): Result {
  const { row, habits, configured } = run;
  const { origin } = run.setup;
  const setup = { habits, configured, configuredRoute: configuredRouteOf(row) };
  const wrong = row.routes
    .map(({ route }) => ({ url: clientAddress(setup, route), documented: documentedUrl(origin, route) }))
    .find(({ url, documented }) => url !== documented && !(row.baseUrl.rule === 'either' && leadsTo(url, documented, origin)));
  if (wrong === undefined) return passed(`Configured with ${configured}, it calls ${clientAddress(setup, tried(run))}.`);
  const { url, documented } = wrong;
  const forgiven = leadsTo(url, documented, origin) ? ' This platform forgives it; what stands before it may not.' : '';
  const right = configuredValue(row, origin);
  const cure =
    configured === right
      ? `The runbook of ${row.slug} has a base URL that does not go with its client.`
      : `Configure the base URL ${right} in the product.`;
  return failed('base_url', `Configured with ${configured}, it calls ${url}; the address is ${documented}.${forgiven}`, cure);
}

/** The platform takes the key in the header in which the client sends it. */
export async function keyIsTaken(run: VerificationRun): Promise<Result> {
  const given = await run.client.call({ route: 'models.list' });
  if (given.kind !== 'answered' || given.status !== 200 || typeof jsonOf(given) !== 'object')
    return failureOf(run, 'models.list', given);
  return passed(`The key is taken as "${run.habits.auth.header}".`);
}

/** The alias can be typed in as the model. */
export function modelIsNamed({ model }: VerificationRun): Result {
  return model === undefined
    ? failed('model', 'There is no name to type in.', 'Publish an agent, and allow the key to use it.')
    : passed(`The model is named "${model}".`);
}

function tried({ row }: VerificationRun): RouteId {
  const always = row.routes.find(({ use }) => use === 'always') ?? row.routes[0];
  return always === undefined ? 'models.list' : always.route;
}
