import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import { envSchema } from '../../src/config/env.schema.js';
import { loadConfig } from '../../src/config/load-config.js';
import { requiredNames } from '../../src/config/settings-page.js';

const file = (name: string): string => readFileSync(fileURLToPath(new URL(`../../${name}`, import.meta.url)), 'utf8');

const compose = z
  .object({
    services: z.record(
      z.string(),
      z.looseObject({
        image: z.string().optional(),
        command: z.array(z.string()).optional(),
        environment: z.record(z.string(), z.string()).optional(),
      }),
    ),
    volumes: z.record(z.string(), z.unknown()),
  })
  .parse(parse(file('docker-compose.yml'), { merge: true }));

/** What compose would put in place of `${NAME:-default}` and `${NAME:?message}`. */
function filledIn(environment: Readonly<Record<string, string>>): Record<string, string> {
  const values: Readonly<Record<string, string>> = {
    POSTGRES_PASSWORD: 'p',
    MINIO_PASSWORD: 'password',
    GT_SECRET_KEYS: 'k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=',
  };
  const fill = (text: string): string =>
    text.replace(
      /\$\{([A-Z_]+)(?::-([^}]*))?(?::\?[^}]*)?\}/g,
      (_whole, name: string, fallback?: string) => values[name] ?? fallback ?? '',
    );
  return Object.fromEntries(Object.entries(environment).map(([name, text]) => [name, fill(text)]));
}

describe('docker-compose.yml', () => {
  const ours = Object.entries(compose.services).filter(([name]) => ['api', 'worker', 'migrate'].includes(name));

  it('has the parts of the platform and what prepares them', () => {
    expect(Object.keys(compose.services).sort()).toEqual(['api', 'bucket', 'migrate', 'minio', 'postgres', 'redis', 'worker']);
    expect(compose.services['postgres']?.image).toMatch(/^pgvector\/pgvector:/);
  });

  it.each(ours)('%s gets only settings that exist, every required one, and starts with them', (_name, service) => {
    const environment = service.environment ?? {};
    expect(Object.keys(environment).filter((name) => !(name in envSchema.shape))).toEqual([]);
    for (const name of requiredNames()) expect(Object.keys(environment)).toContain(name);
    expect(() => loadConfig(filledIn(environment))).not.toThrow();
  });

  it('holds no secret itself: each comes from outside and is asked for', () => {
    expect(file('docker-compose.yml')).toMatch(/\$\{POSTGRES_PASSWORD:\?/);
    expect(file('docker-compose.yml')).toMatch(/\$\{GT_SECRET_KEYS:\?/);
    expect(file('docker-compose.yml')).toMatch(/\$\{MINIO_PASSWORD:\?/);
  });
});

describe('Dockerfile', () => {
  const dockerfile = file('Dockerfile');

  it('sets only settings that exist', () => {
    const set = [...dockerfile.matchAll(/\b(GT_[A-Z_]+)=/g)].map((match) => match[1] ?? '');
    expect(set.length).toBeGreaterThan(0);
    expect(set.filter((name) => !(name in envSchema.shape))).toEqual([]);
  });

  it('copies what the processes need and does not run as root', () => {
    const copied = [...dockerfile.matchAll(/COPY --from=build \/app\/(\S+)/g)].map((match) => match[1]);
    expect(copied.sort()).toEqual(['bin', 'dist', 'node_modules', 'package.json', 'prisma']);
    expect(dockerfile).toMatch(/^USER node$/m);
    expect(existsSync(fileURLToPath(new URL('../../prisma/migrations', import.meta.url)))).toBe(true);
  });
});
