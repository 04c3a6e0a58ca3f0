import { readFileSync } from 'node:fs';
import Sequencer from '@jest/test-sequencer';

/** What starts processes of its own and waits for them comes first, and the short unit tests fill the end of a run. */
const projects = ['e2e', 'integration', 'unit'];
const startsProcesses = /\b(startProduct|startApiProcess|startLogged|failProduct|KillablePostgres)\b|\.worker\(/;

/**
 * Without times of an earlier run, as on a clean clone, jest begins with the largest files, and a slow one that comes last
 * holds up the whole run.
 */
export default class SlowFirst extends Sequencer {
  sort(tests) {
    const places = new Map(tests.map((test) => [test, placeOf(test)]));
    return super.sort(tests).sort((a, b) => places.get(a) - places.get(b));
  }
}

function placeOf({ context, path }) {
  const place = 2 * projects.indexOf(context.config.displayName?.name);
  return startsProcesses.test(readFileSync(path, 'utf8')) ? place : place + 1;
}
