import { actionSet } from './action-set.js';
import { harborActions, harborPort } from './manifest.js';
import { hashOf, materialOf } from './material.js';

/** A version of the action set, and the hash of what it is the version of. */
export interface ActionSet {
  readonly version: number;
  readonly sha256: string;
}

/** The action set as the tables give it: of the version that is kept, or the next one where it has changed materially. */
export function currentActionSet(kept: ActionSet = actionSet): ActionSet {
  const sha256 = hashOf(materialOf(harborPort('/'), harborActions()));
  return sha256 === kept.sha256 ? kept : { version: kept.version + 1, sha256 };
}

/** The module that keeps it: `npm run docs` writes it, a test compares. */
export function actionSetModule({ version, sha256 }: ActionSet): string {
  return [
    '/** The version of the set of Harbor actions and the hash of what is material in it. Written by `npm run docs`; do not edit. */',
    'export const actionSet = {',
    `  version: ${version},`,
    `  sha256: '${sha256}',`,
    '} as const;',
    '',
  ].join('\n');
}
