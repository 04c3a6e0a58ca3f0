import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { fieldDiagnoses } from './field-diagnoses.js';
import { serverDiagnoses } from './server-diagnoses.js';

const folder = fileURLToPath(new URL('../../../test/e2e/', import.meta.url));
const proofs = readdirSync(folder)
  .filter((name) => name.startsWith('doctor-'))
  .map((name) => readFileSync(folder + name, 'utf8'))
  .join('\n');

describe('the diagnoses', () => {
  it.each(Object.entries({ ...fieldDiagnoses, ...serverDiagnoses }))(
    '%s is a sentence with a cure, and a test injects it',
    (id, row) => {
      expect(row.what).toMatch(/^[A-Z].*\.$/);
      expect(row.cure.length).toBeGreaterThan(10);
      expect(proofs).toContain(`'${id}'`);
    },
  );
});
