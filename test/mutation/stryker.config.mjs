import { modules } from './modules.mjs';

export default {
  plugins: ['./test/mutation/runner.mjs'],
  testRunner: 'unit-tests',
  mutate: modules,
  coverageAnalysis: 'perTest',
  thresholds: { high: 90, low: 80, break: 80 },
  // What goes round for ever is ended after this, beyond the time that its tests take.
  timeoutMS: 3_000,
  concurrency: Number(process.env.GT_MUTATION_PROCESSES ?? 2),
  // What no unit test reads is not copied to where the changed sources lie.
  ignorePatterns: [
    '/*',
    '!/package.json',
    '!/.swcrc',
    '!/src',
    '!/test',
    '/test/e2e',
    '/test/integration',
    '/test/clients',
    '/test/mutation/node_modules',
  ],
  tempDirName: 'coverage/mutation-sources',
  reporters: ['clear-text', 'progress-append-only', 'json'],
  clearTextReporter: { allowColor: false, reportTests: false },
  jsonReporter: { fileName: 'coverage/mutation.json' },
  allowConsoleColors: false,
};
