/**
 * Stands in for `@jest/globals`. Helpers of tests are loaded once in a process and used by many test files, each of which
 * has a new `describe`, `it` and so on: who imports these sees today's.
 */
export let describe, it, test, expect, beforeAll, beforeEach, afterAll, afterEach, jest;

/** From now on these are the ones. */
export function renew(globals) {
  ({ describe, it, test, expect, beforeAll, beforeEach, afterAll, afterEach, jest } = globals);
}
