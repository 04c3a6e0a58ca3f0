import { coverOf } from '../../catalog/narrowing.js';
import { needsOfRoute, readNeed, type Need } from '../../catalog/needs.js';
import { passedOn } from '../../catalog/purposes.js';
import { isScope, type Purpose, type Scope } from '../../contracts/scopes.js';

/** One thing that a key used. */
export interface UsedThing {
  readonly kind: string;
  readonly value: string;
}

/** A key and what it used. */
export interface UsedKey {
  readonly purpose: Purpose;
  /** Its own, whether its preset still grants them or not. */
  readonly scopes: readonly Scope[];
  /** Of the key that it links for inference, whether that lives or not. */
  readonly linkedScopes: readonly string[];
  /** What it may do now. */
  readonly effective: ReadonlySet<Scope>;
  readonly used: readonly UsedThing[];
}

/**
 * The fewest scopes of a key without which its calls, or those of the keys that link it, would not have been possible. A
 * key that does not live counts as if it did: it may live again.
 */
export function neededOf(key: UsedKey, linking: readonly UsedKey[]): ReadonlySet<Scope> {
  const linked = passedOn('inference', key.linkedScopes.filter(isScope));
  const held = new Set([...key.effective, ...key.scopes, ...linked]);
  const needed = new Set(coverOf(needsOf(key), { effective: key.effective, held }));
  const passed = new Set(passedOn(key.purpose, key.scopes));
  for (const { effective, scopes, ...user } of linking) {
    const cover = coverOf(needsOf(user), { effective, held: new Set([...scopes, ...passed]) });
    for (const scope of cover) if (passed.has(scope)) needed.add(scope);
  }
  return needed;
}

function needsOf({ used }: Pick<UsedKey, 'used'>): Need[] {
  return used.flatMap(({ kind, value }) => {
    if (kind === 'route') return needsOfRoute(value);
    return kind === 'scope' ? [readNeed(value)] : [];
  });
}
