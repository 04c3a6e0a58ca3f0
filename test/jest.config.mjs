import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const rootDir = fileURLToPath(new URL('..', import.meta.url));

/** Jest compiles TypeScript with the build's own settings; only the build leaves the specs out. */
const {
  exclude: _exclude,
  $schema: _schema,
  ...compiler
} = JSON.parse(readFileSync(new URL('../.swcrc', import.meta.url), 'utf8'));

const base = {
  rootDir,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.gt/'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/dist/'],
  transform: {
    '^.+\\.ts$': ['@swc/jest', { ...compiler, swcrc: false }],
  },
};

export default {
  rootDir,
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
  projects: [
    { ...base, displayName: 'unit', testRegex: ['src/.*\\.spec\\.ts$', 'test/(catalog|architecture)/.*\\.spec\\.ts$'] },
    { ...base, displayName: 'integration', testRegex: ['test/integration/.*\\.int-spec\\.ts$'] },
    { ...base, displayName: 'e2e', testRegex: ['test/(e2e|clients)/.*\\.e2e-spec\\.ts$'] },
  ],
  reporters: ['default', '<rootDir>/test/support/count-reporter.mjs'],
  testSequencer: '<rootDir>/test/support/slow-first.mjs',
  // A limit against hanging, for a machine under load as well: no test asserts it.
  testTimeout: 120_000,
  // Two cores are meant. Most of a slow test is waiting, so three at once keep them busy; in full, some fill a core alone.
  maxWorkers: process.env.GT_TEST_SOAK === '1' ? 2 : 3,
};
