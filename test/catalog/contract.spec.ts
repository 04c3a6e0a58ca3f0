import { describe, expect, it } from '@jest/globals';
import { builtInPresets } from '../../src/catalog/presets.js';
import { envSchema } from '../../src/config/env.schema.js';
import { requiredNames } from '../../src/config/settings-page.js';
import { errorTable, type ErrorRow } from '../../src/kernel/error-codes.js';
import { contractAnswers, contractErrors, contractPresetHeads, contractSettings } from '../support/contract-table.js';

/** What table.spec.ts does for routes and scopes, for everything else that the contract tells one by one. */

const rows = Object.entries<ErrorRow>(errorTable).flatMap(([name, row]) =>
  row.wireCode === null ? [] : [{ ...row, code: row.wireCode ?? name }],
);
const ofCode = (code: string) => rows.filter((row) => row.code === code);

describe("the contract's errors", () => {
  it('are the codes that the platform answers, and no others', () => {
    expect(contractErrors.map(({ code }) => code).sort()).toEqual([...new Set(rows.map(({ code }) => code))].sort());
  });

  it.each(contractErrors.map((row) => [row.code, row] as const))('%s has the status and types of its line', (code, said) => {
    const found = ofCode(code);
    expect({ code, status: found.map(({ status }) => status) }).toEqual({ code, status: found.map(() => said.status) });
    expect(said.types).toEqual(expect.arrayContaining(found.map(({ type }) => type)));
  });

  it.each(
    rows.flatMap((row) => Object.entries(row.headers ?? {}).map(([name, value]) => [row.code, `${name}: ${value}`] as const)),
  )('%s is told with its header %s', (code, header) => {
    expect(contractErrors.find((row) => row.code === code)?.words.toLowerCase()).toContain(header);
  });

  it('have these types, and the table has no further one', () => {
    expect([...new Set(contractErrors.flatMap(({ types }) => types))].sort()).toEqual(
      [...new Set(rows.map(({ type }) => type as string))].sort(),
    );
  });

  it.each(contractAnswers)('$place: the status $status belongs to $code', ({ status, code }) => {
    expect({ code, status: ofCode(code)[0]?.status }).toEqual({ code, status });
  });
});

describe("the contract's presets", () => {
  it('have the names, purposes and links of the catalogue', () => {
    expect(contractPresetHeads).toEqual(
      builtInPresets.map(({ slug, name, purpose, links }) => ({
        slug,
        name,
        purpose,
        links: links === null ? [] : [links.inference, links.upload],
      })),
    );
  });
});

describe("the contract's settings", () => {
  const known = Object.keys(envSchema.shape);
  /** Of the command line, which is no process of the platform. */
  const ofCommands = ['GT_ADMIN_URL', 'GT_ADMIN_TOKEN'];
  const required = Object.fromEntries(
    Object.entries({ DATABASE_URL: 'postgresql://x/y', GT_SECRET_KEYS: `k1:${'A'.repeat(43)}=` }),
  );
  const defaults: Readonly<Record<string, unknown>> = envSchema.parse(required);

  it.each(contractSettings)('$place: $name is a setting', ({ name }) => {
    expect([...known, ...ofCommands]).toContain(name);
  });

  it.each(contractSettings.filter(({ fallback }) => fallback !== undefined))('$place: $name is $fallback by default', (said) => {
    expect(requiredNames().has(said.name)).toBe(false);
    expect(String(defaults[said.name])).toBe(said.fallback);
  });

  it('begin with GT_ and end with their unit, all but the addresses of the stores and what OpenTelemetry has named', () => {
    expect(known.filter((name) => !/^(?:GT|OTEL)_/.test(name))).toEqual(['DATABASE_URL', 'REDIS_URL']);
    expect(known.filter((name) => /_(MS|BYTES|SECONDS)_/.test(name))).toEqual([]);
  });
});
