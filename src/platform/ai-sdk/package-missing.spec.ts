import { describe, expect, it } from '@jest/globals';
import { connectionWires, wireFacts } from '../../contracts/wires.js';
import { modelDrivers } from './model-drivers.js';
import { missingPackage } from './package-missing.js';

const spoken = connectionWires.filter((wire) => 'package' in wireFacts[wire]);

describe('a wire that a package speaks', () => {
  it('has a driver, and no other wire has one', () => {
    expect(Object.keys(modelDrivers).sort()).toEqual([...spoken].sort());
  });

  it.each(spoken)('is told apart by whether its package is installed: %s', (wire) => {
    expect(missingPackage(wire)).toBeUndefined();
    const missing = missingPackage(wire, () => false);
    expect(missing?.message).toMatch(new RegExp(`^The wire ${wire} is spoken by .*npm install @ai-sdk/`));
  });
});

describe('a wire of our own', () => {
  it('needs no package', () => expect(missingPackage('openai', () => false)).toBeUndefined());
});
