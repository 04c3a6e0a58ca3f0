const { register } = require('node:module');
const { pathToFileURL } = require('node:url');
const SourceMaps = require('./source-maps.cjs');

register('./typescript-hooks.mjs', pathToFileURL(__filename));

const sourceMaps = new SourceMaps();

/**
 * How jest loads a test file: as Node loads any module, once in a process, and not into a world of its own. So the product and
 * its libraries are loaded once for all test files of a worker, which takes a core two seconds, and they run at the speed
 * and with the one `Error`, `Promise` and `Uint8Array` that they have in production. Test files share modules and nothing
 * else: each starts what it needs and closes it again.
 */
module.exports = class PlainRuntime {
  constructor(_config, environment) {
    this.fakeTimers = environment.fakeTimersModern;
  }

  /** Jest's own frame of a test file, which keeps its state in its module: a new one each time. */
  requireInternalModule(path) {
    delete require.cache[require.resolve(path)];
    delete globalThis[Symbol.for('EVENT_HANDLERS')];
    return require(path);
  }

  requireModule(path) {
    return require(path);
  }

  unstable_shouldLoadAsEsm() {
    return true;
  }

  async unstable_importModule(path) {
    const { renew } = await import('./jest-globals.mjs');
    renew(this.globals);
    return import(pathToFileURL(path).href);
  }

  /** Makes these what `@jest/globals` gives; of `jest` itself there are the timers alone. */
  setGlobalsForRuntime(globals) {
    const { fakeTimers } = this;
    const jest = {
      // Node's streams and the worker's own messages go on.
      useFakeTimers: () => fakeTimers.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] }),
      useRealTimers: () => fakeTimers.useRealTimers(),
      advanceTimersByTimeAsync: (ms) => fakeTimers.advanceTimersByTimeAsync(ms),
    };
    this.globals = { ...globals, jest };
  }

  getSourceMaps() {
    return sourceMaps;
  }

  getAllCoverageInfoCopy() {
    return undefined;
  }

  enterTestCode() {}

  leaveTestCode() {}

  /** Lets go of what the test file has described: its closures hold all that it has started. */
  teardown() {
    const states = Object.getOwnPropertySymbols(globalThis).filter(({ description }) => description === 'JEST_STATE_SYMBOL');
    for (const state of states) delete globalThis[state];
  }
};
