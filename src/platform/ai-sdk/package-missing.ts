import { createRequire } from 'node:module';
import { factsOfWire } from '../../contracts/wires.js';

const { resolve } = createRequire(import.meta.url);

/** The package of a wire is not installed. Its message names no more than the package. */
export class PackageMissing extends Error {
  constructor(wire: string, name: string) {
    super(`The wire ${wire} is spoken by the package ${name}, which is not installed here. Install it: npm install ${name}`);
    this.name = 'PackageMissing';
  }
}

/** What is missing before a connection of the wire can be called; undefined where nothing is. */
export function missingPackage(wire: string, isThere: (name: string) => boolean = isInstalled): PackageMissing | undefined {
  const { package: name } = factsOfWire(wire);
  if (name === undefined || isThere(name)) return undefined;
  return new PackageMissing(wire, name);
}

function isInstalled(name: string): boolean {
  try {
    resolve(name);
    return true;
  } catch {
    return false;
  }
}
