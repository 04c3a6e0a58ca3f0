import { describe, expect, it } from '@jest/globals';
import { evidenceHash } from '../../src/catalog/runbooks/evidence-hash.js';
import { evidenceText, verifiedModule } from '../../src/catalog/runbooks/evidence.js';
import { clientRow } from '../support/runbooks.js';

const row = clientRow('cursor');
const run = { slug: 'cursor', date: '2026-11-30', sha256: evidenceHash(row), way: 'emulator' } as const;

describe('the evidence of a runbook', () => {
  it('is documented compatibility until there was a run', () => {
    expect(evidenceText(row, [])).toMatch(/^documented compatibility/);
  });

  it('names the day of the run and the hash of what it was of', () => {
    expect(evidenceText(row, [run])).toBe(`verified 2026-11-30, ${run.sha256.slice(0, 12)} (with a client made from this data)`);
  });

  it.each([
    [
      'calls another route',
      { routes: [...row.routes, { route: 'embeddings.create', use: 'optional', verdict: 'native' } as const] },
    ],
    ['calls in another way', { client: { ...row.client, joins: 'append_v1' as const } }],
    ['has another base URL', { baseUrl: { ...row.baseUrl, value: '{{origin}}/api/tenant' } }],
    ['recommends another preset', { preset: 'agentic-ide' }],
  ])('is stale when the product %s', (_what, changed) => {
    expect(evidenceText({ ...row, ...changed }, [run])).toMatch(/^stale: verified 2026-11-30/);
  });

  it('stands when only words change', () => {
    expect(evidenceHash({ ...row, summary: 'Another sentence.', pitfalls: [] })).toBe(run.sha256);
  });

  it('is kept for products that a later run leaves out', () => {
    const later = { ...run, slug: 'zed', date: '2026-12-01' };
    const text = verifiedModule([later], [run]);
    expect(text).toContain(`slug: 'cursor',\n    date: '2026-11-30'`);
    expect(text).toContain(`slug: 'zed',\n    date: '2026-12-01'`);
  });
});
