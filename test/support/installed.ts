import { describe, it } from '@jest/globals';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where a program stands on the PATH. */
export function onThePath(...names: readonly string[]): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return names
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/**
 * Describes what needs a program of the machine. Where it is not installed the block says that it was left out, unless
 * `demand=1` stands in the environment: then it fails.
 */
export function describeWith(program: string, path: string | undefined, demand: string, name: string, block: () => void): void {
  if (path !== undefined) describe(name, block);
  else if (process.env[demand] === '1') {
    describe(name, () => {
      it(`needs ${program}`, () => {
        throw new Error(`No ${program} is on the PATH, and ${demand}=1 demands one.`);
      });
    });
  } else {
    process.stderr.write(`Left out, because no ${program} is on the PATH: ${name}.\n`);
    describe.skip(name, block);
  }
}
