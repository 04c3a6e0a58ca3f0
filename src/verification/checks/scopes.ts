import { builtInPresets } from '../../catalog/presets.js';
import { grantedScopes, presetReaches, unusedScopes } from '../../catalog/runbooks/reach.js';
import type { RunbookVerification } from '../../contracts/runbook-verifications.js';
import { failed, passed, skipped, type Result } from '../result.js';
import type { VerificationRun } from '../run.js';

/** What the key grants beside what the calls needed; null when the key is not known. */
export function scopesOf({ key, exercised }: VerificationRun): RunbookVerification['scopes'] {
  if (key === undefined) return null;
  const unused = unusedScopes(key.scopes, [...exercised]);
  const routes = [...exercised];
  const fitting = builtInPresets.filter(({ slug }) => routes.every((route) => presetReaches(slug, route)));
  const narrowest = fitting.sort((one, other) => grantedScopes(one.slug).size - grantedScopes(other.slug).size)[0];
  return {
    granted: [...key.scopes],
    exercised: [...key.scopes].filter((scope) => !unused.includes(scope)),
    unused,
    narrowest_preset: narrowest?.slug ?? null,
  };
}

/**
 * The scopes of the key are those that the calls needed. One that no route of the product needs is a fault; of one whose
 * routes were not tried it is not known.
 */
export function scopesMatch(run: VerificationRun): Result {
  const scopes = scopesOf(run);
  if (scopes === null) return skipped('The key is not known.');
  if (run.exercised.size === 0) return skipped('No call of the client was answered well.');
  const { granted, unused, narrowest_preset: narrowest } = scopes;
  if (unused.length === 0) return passed(`The key grants ${granted.join(', ')}, and the calls needed each of them.`);
  const useless = unusedScopes(
    new Set(granted),
    run.row.routes.map(({ route }) => route),
  );
  const fit =
    narrowest === null || narrowest === run.key?.preset
      ? ''
      : ` The narrowest preset that has the called routes is ${narrowest}.`;
  if (useless.length === 0)
    return skipped(`Not every route of the product was tried: nothing needed ${unused.join(', ')}.${fit}`);
  const cure = `Make a key of the preset ${run.row.preset}: gt runbook key ${run.row.slug} --name <name>.`;
  return failed('scopes_too_wide', `The key grants ${useless.join(', ')}, which the product never needs.${fit}`, cure);
}
