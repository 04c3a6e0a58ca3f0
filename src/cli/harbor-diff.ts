import { isDeepStrictEqual } from 'node:util';
import { hashOf, materialOf } from '../catalog/harbor/material.js';
import type { HarborManifest } from '../contracts/harbor.js';

/** What happened to an action between two manifests. */
export interface ActionChange {
  readonly slug: string;
  readonly change: 'added' | 'removed' | 'changed';
  /** Of a changed one: its members that differ. */
  readonly fields: readonly string[];
}

export interface ManifestChanges {
  readonly object: 'harbor.diff';
  /** The versions of the two. */
  readonly former: number;
  readonly later: number;
  /** False when nothing but wording differs. */
  readonly isMaterial: boolean;
  /** Members of the port that differ. */
  readonly port: readonly string[];
  /** By slug. */
  readonly actions: readonly ActionChange[];
}

/** What differs between two manifests: of two releases, or of two keys. */
export function manifestChanges(former: HarborManifest, later: HarborManifest): ManifestChanges {
  const [before, after] = [bySlug(former), bySlug(later)];
  const actions = [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((slug): ActionChange[] => {
    const [one, other] = [before.get(slug), after.get(slug)];
    if (one === undefined) return [{ slug, change: 'added', fields: [] }];
    if (other === undefined) return [{ slug, change: 'removed', fields: [] }];
    const fields = differing(one, other);
    return fields.length === 0 ? [] : [{ slug, change: 'changed', fields }];
  });
  return {
    object: 'harbor.diff',
    former: former.version,
    later: later.version,
    isMaterial: materialHash(former) !== materialHash(later),
    port: differing(former.port, later.port),
    actions,
  };
}

function bySlug({ actions }: HarborManifest) {
  return new Map(actions.map((action) => [action.slug, action]));
}

function materialHash({ port, actions }: HarborManifest): string {
  return hashOf(materialOf(port, actions));
}

function differing(one: object, other: object): string[] {
  const members = new Map(Object.entries(other) as [string, unknown][]);
  const names = new Set([...Object.keys(one), ...members.keys()]);
  return [...names].filter((name) => !isDeepStrictEqual((one as Record<string, unknown>)[name], members.get(name))).sort();
}
