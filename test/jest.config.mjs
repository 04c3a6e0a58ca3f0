import { fileURLToPath } from 'node:url';

const rootDir = fileURLToPath(new URL('..', import.meta.url));

const base = {
  rootDir,
  // Test files are loaded as Node loads modules: see support/runner.
  runtime: '<rootDir>/test/support/runner/plain-runtime.cjs',
  testEnvironment: '<rootDir>/test/support/runner/plain-environment.mjs',
  transform: {},
  injectGlobals: false,
  testPathIgnorePatterns: ['/node_modules/'],
};

/** Only these folders are searched: a walk through all installed packages takes seconds. */
const project = (displayName, folders, testRegex) => ({
  ...base,
  displayName,
  roots: folders.map((folder) => `<rootDir>/${folder}`),
  testRegex,
});

export default {
  rootDir,
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
  projects: [
    project('unit', ['src', 'test/catalog', 'test/architecture'], '\\.spec\\.ts$'),
    project('integration', ['test/integration'], '\\.int-spec\\.ts$'),
    project('e2e', ['test/e2e', 'test/clients'], '\\.e2e-spec\\.ts$'),
  ],
  reporters: ['default', '<rootDir>/test/support/count-reporter.mjs'],
  testSequencer: '<rootDir>/test/support/slow-first.mjs',
  // A limit against hanging, for a machine under load as well: no test asserts it.
  testTimeout: 120_000,
  // Two cores are meant. Most of a slow test is waiting, so three at once keep them busy; in full, some fill a core alone.
  maxWorkers: process.env.GT_TEST_SOAK === '1' ? 2 : 3,
};
