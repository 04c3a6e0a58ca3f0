import { scopes, type Purpose, type Scope } from '../contracts/scopes.js';
import type { Need } from './needs.js';

/** What a key may do. */
export interface HeldScopes {
  /** As it is now: within its preset, through its living links. */
  readonly effective: ReadonlySet<Scope>;
  /** All that it may ever do: what a preset takes away just now, or a link that does not live, is among it. */
  readonly held: ReadonlySet<Scope>;
}

/** What a preset is judged by. */
interface Bounds {
  readonly slug: string;
  readonly purpose: Purpose;
  readonly scopes: readonly Scope[];
}

/**
 * The fewest of the scopes with which all these calls are possible. What a scope of now meets is met by one of those; only
 * what none of them meets is met by another that is held. What nothing held meets is left out.
 */
export function coverOf(needs: readonly Need[], { effective, held }: HeldScopes): ReadonlySet<Scope> {
  const choices = needs.map((need) => within(need, effective) ?? within(need, held) ?? []).filter(({ length }) => length > 0);
  const sure = new Set(choices.filter(({ length }) => length === 1).flat());
  const open = choices.filter((choice) => !choice.some((scope) => sure.has(scope)));
  return new Set([...sure, ...fewest(open)]);
}

/**
 * The narrowest preset of the purpose that grants all that is needed and nothing that is not held; undefined where there is
 * none. Of two with as many scopes the first counts.
 */
export function narrowestPreset<P extends Bounds>(
  presets: readonly P[],
  purpose: Purpose,
  needed: ReadonlySet<Scope>,
  held: ReadonlySet<Scope>,
): P | undefined {
  return presets
    .filter((preset) => preset.purpose === purpose)
    .filter((preset) => preset.scopes.every((scope) => held.has(scope)))
    .filter((preset) => [...needed].every((scope) => preset.scopes.includes(scope)))
    .reduce<P | undefined>(
      (best, preset) => (best === undefined || preset.scopes.length < best.scopes.length ? preset : best),
      undefined,
    );
}

function within(need: Need, set: ReadonlySet<Scope>): Need | undefined {
  const found = scopes.filter((scope) => need.includes(scope) && set.has(scope));
  return found.length > 0 ? found : undefined;
}

/** A smallest set that has one scope of each choice; reading before writing. Few scopes have others in their place. */
function fewest(choices: readonly Need[]): readonly Scope[] {
  if (choices.length === 0) return [];
  const named = scopes.filter((scope) => choices.some((choice) => choice.includes(scope)));
  const ordered = [...named].sort((one, other) => Number(writes(one)) - Number(writes(other)));
  const meets = (set: readonly Scope[]): boolean => choices.every((choice) => choice.some((scope) => set.includes(scope)));
  for (let size = 1; size < ordered.length; size += 1) for (const set of combinations(ordered, size)) if (meets(set)) return set;
  return ordered;
}

function* combinations(from: readonly Scope[], size: number): Generator<readonly Scope[]> {
  if (size === 0) {
    yield [];
    return;
  }
  for (const [at, scope] of from.entries()) for (const rest of combinations(from.slice(at + 1), size - 1)) yield [scope, ...rest];
}

function writes(scope: Scope): boolean {
  return !scope.endsWith(':read');
}
