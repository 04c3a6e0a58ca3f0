import Sequencer from '@jest/test-sequencer';

/** In this order: what starts processes and waits comes first, and the short unit tests fill the end of a run. */
const projects = ['e2e', 'integration', 'unit'];

/**
 * Without times of an earlier run, as on a clean clone, jest begins with the largest files, and a slow one that comes last
 * holds up the whole run.
 */
export default class SlowFirst extends Sequencer {
  sort(tests) {
    const place = ({ context }) => projects.indexOf(context.config.displayName?.name);
    return super.sort(tests).sort((a, b) => place(a) - place(b));
  }
}
