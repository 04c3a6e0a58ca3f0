import { readNeed } from '../../catalog/needs.js';
import type { KeyExerciseReportObject, KeyNarrowingObject } from '../../contracts/key-exercise.js';
import { toUnixSeconds } from '../../contracts/times.js';
import type { KeyExerciseReport } from '../../modules/keys/key-exercise.service.js';
import type { KeyNarrowing } from '../../modules/keys/key-narrowing.service.js';
import type { KeyRow } from '../../modules/keys/key-row.js';

/** What a key may do and what it really used. */
export function presentExercise(report: KeyExerciseReport): KeyExerciseReportObject {
  const { view, since, until, used, granted, exercised, unused, narrowest, links, linkedBy } = report;
  return {
    object: 'list',
    data: used.map(({ kind, value, calls, firstAt, lastAt }) => ({
      kind,
      value: kind === 'scope' ? readNeed(value).join(' or ') : value,
      calls: Number(calls),
      first_at: toUnixSeconds(firstAt),
      last_at: toUnixSeconds(lastAt),
    })),
    key: view.row.id,
    since: secondsOf(since),
    until: toUnixSeconds(until),
    scopes: { granted: [...granted], exercised: [...exercised], unused: [...unused] },
    narrowest: narrowest === undefined ? null : { scopes: [...narrowest.scopes], preset: narrowest.preset ?? null },
    links: links.map(({ as, row, unused: idle }) => ({ as, ...named(row), unused: [...idle] })),
    linked_by: linkedBy.map(named),
  };
}

/** What narrowing took from a key, or would take. */
export function presentNarrowing({ row, since, dryRun, before, after, removed, preset }: KeyNarrowing): KeyNarrowingObject {
  return {
    object: 'key.narrowing',
    key: row.id,
    name: row.name,
    changed: removed.length > 0,
    dry_run: dryRun,
    since: secondsOf(since),
    before: [...before],
    after: [...after],
    removed: [...removed],
    preset: preset ?? null,
  };
}

function named({ id, name }: KeyRow): { key: string; name: string } {
  return { key: id, name };
}

function secondsOf(time: Date | undefined): number | null {
  return time === undefined ? null : toUnixSeconds(time);
}
