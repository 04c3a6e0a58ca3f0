import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { register } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'expect';
import fc from 'fast-check';
import * as circus from 'jest-circus';
import { specFolders } from './modules.mjs';

/** As Stryker names them. */
const status = { passed: 0, failed: 1, skipped: 2 };

/**
 * Runs unit tests for Stryker in one process, in which the product and its libraries stay loaded: a changed module mostly
 * needs no new start, only that its change is switched on. Stryker's own runner for jest loads all anew for each change, which
 * takes ten times as long.
 */
class UnitTests {
  /** What instrumented sources read: which change is on, and what counts where they are run. */
  #instruments = (globalThis.__stryker__ = {});
  #specs = [];
  #round = 0;
  #stray = [];
  /** @type {((id: string) => boolean) | undefined} */
  #isWanted;
  #mayStop = false;
  #hasFailed = false;

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    const root = pathToFileURL(`${process.cwd()}/`);
    register(new URL('test/mutation/loading.mjs', root));
    const { renew } = await import(new URL('test/support/runner/jest-globals.mjs', root).href);
    renew({ ...circus, expect, jest: undefined });
    this.#specs = specFolders.flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => name.endsWith('.spec.ts'))
        .map((name) => join(folder, name)),
    );
    // The same inputs in each run, and no search for the smallest one that fails.
    fc.configureGlobal({ seed: 1, endOnFailure: true });
    process.on('uncaughtException', (error) => this.#stray.push(error));
    circus.addEventHandler((event) => this.#onEvent(event));
  }

  async dryRun() {
    const run = { specs: this.#specs, isWanted: () => true, mayStop: false };
    const tests = await this.#run(run);
    const mutantCoverage = structuredClone(this.#instruments.mutantCoverage);
    // What fails without a change would fail with each.
    const again = await this.#run({ ...run, withSources: true });
    const failed = again.filter((test) => test.status === status.failed);
    return { status: 'complete', tests: failed.length > 0 ? failed : tests, mutantCoverage };
  }

  async mutantRun({ activeMutant, sandboxFileName, testFilter, reloadEnvironment, hitLimit }) {
    Object.assign(this.#instruments, { activeMutant: activeMutant.id, hitLimit, hitCount: hitLimit && 0 });
    const wanted = testFilter && new Set(testFilter);
    const isConcerned = wanted
      ? (spec) => testFilter.some((id) => id.startsWith(`${spec}: `))
      : (spec) => sourcesOf(resolve(spec)).has(sandboxFileName);
    const specs = this.#specs.filter(isConcerned);
    try {
      const tests = await this.#run({
        specs,
        isWanted: (id) => wanted?.has(id) ?? true,
        mayStop: true,
        withSources: reloadEnvironment,
      });
      if (this.#instruments.hitCount > hitLimit) return { status: 'timeout', reason: 'It goes round for ever.' };
      const failed = tests.find((test) => test.status === status.failed);
      const nrOfTests = tests.filter((test) => test.status !== status.skipped).length;
      if (failed === undefined) return { status: 'survived', nrOfTests };
      return { status: 'killed', nrOfTests, killedBy: [failed.id], failureMessage: failed.failureMessage };
    } finally {
      Object.assign(this.#instruments, { activeMutant: undefined, hitLimit: undefined, hitCount: undefined });
    }
  }

  async #run({ specs, isWanted, mayStop, withSources = false }) {
    const results = [];
    this.#isWanted = isWanted;
    this.#mayStop = mayStop;
    this.#hasFailed = false;
    for (const spec of specs) {
      if (this.#hasFailed && mayStop) break;
      results.push(...(await this.#runSpec(spec, withSources)));
    }
    return results;
  }

  async #runSpec(spec, withSources) {
    circus.resetState();
    this.#stray = [];
    this.spec = spec;
    try {
      this.#round += 1;
      await import(`${pathToFileURL(spec).href}?${withSources ? 'all' : 'again'}=${this.#round}`);
      const { testResults, unhandledErrors } = await circus.run();
      const results = testResults.map((test) => this.#resultOf(test));
      const stray = [...unhandledErrors, ...this.#stray];
      return stray.length === 0 ? results : [...results, this.#failure(spec, stray[0])];
    } catch (error) {
      return [this.#failure(spec, error)];
    }
  }

  #failure(spec, error) {
    this.#hasFailed = true;
    const name = 'is loaded and ends without a stray error';
    return { id: `${spec}: ${name}`, name, timeSpentMs: 0, status: status.failed, failureMessage: String(error?.stack ?? error) };
  }

  #resultOf({ testPath, status: how, duration, errors }) {
    const name = testPath.slice(1).join(' ');
    const result = { id: `${this.spec}: ${name}`, name, fileName: this.spec, timeSpentMs: duration ?? 0 };
    if (how === 'skip' || how === 'todo') return { ...result, status: status.skipped };
    if (errors.length === 0) return { ...result, status: status.passed };
    return { ...result, status: status.failed, failureMessage: errors[0] };
  }

  #onEvent({ name, test }) {
    if (name === 'test_start') {
      const id = `${this.spec}: ${fullName(test)}`;
      this.#instruments.currentTestId = id;
      if (!this.#isWanted(id) || (this.#hasFailed && this.#mayStop)) test.mode = 'skip';
    }
    if (name === 'test_done') {
      this.#instruments.currentTestId = undefined;
      if (test.errors.length > 0) this.#hasFailed = true;
    }
  }
}

const known = new Map();

/** The file and all sources that it imports, itself or through others. */
function sourcesOf(file, found = new Set()) {
  if (found.has(file)) return found;
  found.add(file);
  if (!known.has(file)) known.set(file, importsOf(file));
  for (const imported of known.get(file)) sourcesOf(imported, found);
  return found;
}

function importsOf(file) {
  const names = [...readFileSync(file, 'utf8').matchAll(/\bfrom\s+['"](\.[^'"]+)\.js['"]/g)];
  return names.map(([, name]) => resolve(dirname(file), `${name}.ts`)).filter((imported) => existsSync(imported));
}

function fullName({ name, parent }) {
  return parent?.parent === undefined ? name : `${fullName(parent)} ${name}`;
}

export const strykerPlugins = [{ kind: 'TestRunner', name: 'unit-tests', injectableClass: UnitTests }];
