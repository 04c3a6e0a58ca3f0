import { presetReaches } from '../../catalog/runbooks/reach.js';
import { reachesRow } from '../../catalog/decide.js';
import { routeRow } from '../../catalog/routes.js';
import { failureOf } from '../failure.js';
import { listedModels, seenKey } from '../reference.js';
import { failed, passed, skipped, type Result } from '../result.js';
import type { VerificationRun } from '../run.js';

/** The key lives and grants all that the product always calls. */
export async function keyIsThere(run: VerificationRun): Promise<Result> {
  const given = await run.reference.call('key.get');
  run.key = seenKey(given);
  const { key } = run;
  if (key === undefined) return failureOf(run, 'key.get', given);
  const { preset, routes, slug } = run.row;
  const missed = routes.filter(
    ({ use, route }) =>
      use === 'always' && !reachesRow({ effectiveScopes: key.scopes }, routeRow(route)) && presetReaches(preset, route),
  );
  if (missed.length > 0) {
    const paths = missed.map(({ route }) => `${routeRow(route).method} ${routeRow(route).path}`);
    const cure = `Make a key of the preset ${preset}: gt runbook key ${slug} --name <name>.`;
    return failed('scope', `The key "${key.name}" does not grant ${paths.join(', ')}, which the product always calls.`, cure);
  }
  const its = key.preset === null ? 'no preset' : `the preset ${key.preset}`;
  return passed(`The key "${key.name}" of ${its} is known${key.preset === preset ? '' : `; the runbook recommends ${preset}`}.`);
}

/** There is a published alias that the key may use. */
export async function aliasIsThere(run: VerificationRun): Promise<Result> {
  const given = await run.reference.call('models.list');
  const models = listedModels(given);
  if (models === undefined) return failureOf(run, 'models.list', given);
  run.models = models;
  const { model } = run.setup;
  run.model = model ?? models.find(({ modalities }) => modalities.includes('chat'))?.id;
  run.embedModel = run.setup.embedModel ?? models.find(({ modalities }) => modalities.includes('embed'))?.id;
  if (run.model === undefined)
    return failed(
      'model',
      'The key may use no published name that chats.',
      'Publish an agent, and allow the key to use it: gt key update --agents.',
    );
  if (models.some(({ id }) => id === run.model)) return passed(`"${run.model}" is published, and the key may use it.`);
  const names = models.map(({ id }) => id).join(', ');
  return failed(
    'model',
    `"${run.model}" is not among the names that the key may use: ${names}.`,
    'Name one of these, or allow the key to use it.',
  );
}

/** Where the product embeds: there is a published name for it. */
export function embeddingNameIsThere(run: VerificationRun): Result {
  return run.embedModel === undefined
    ? skipped('The key may use no published name that embeds.')
    : passed(`"${run.embedModel}" serves embeddings.`);
}
