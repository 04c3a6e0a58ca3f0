import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { databaseConnections } from '../../src/platform/database/database-connections.js';
import { platformRepositories } from '../../src/platform/database/platform-repositories.js';

const src = fileURLToPath(new URL('../../src/', import.meta.url));

/** Each way to come by a connection: a driver or its types, the process's pool, Prisma's client, BullMQ on Postgres. */
const ways = [
  /(?:from|import)\s*\(?\s*'(?:pg|pg-[^']*|@prisma\/adapter-pg|[^']*\/connection-pool\.js)'/,
  /\bPrismaClient\b|\bcreatePostgresBackend\b/,
  /\bnew (?:\w+\.)?(?:Client|Pool)\(\s*(?:\{\s*connectionString|\w*(?:database|postgres)\w*url)/i,
];

function reachesDatabase(text: string): boolean {
  const code = text.replace(/^\s*(?:\/\*)?\*.*$/gm, '');
  return ways.some((way) => way.test(code));
}

const found = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts') && !file.startsWith('platform/database/generated/'))
  .filter((file) => reachesDatabase(readFileSync(join(src, file), 'utf8')));

describe('connections to the database', () => {
  it('are held by listed files alone, each of which says as whom it runs', () => {
    const platform = Object.keys(platformRepositories);
    expect(found.filter((file) => !platform.includes(file)).sort()).toEqual(Object.keys(databaseConnections).sort());
  });

  it.each([
    [`import type { PoolClient } from 'pg';`],
    [`const { default: driver } = await import('pg');`],
    [`import { PrismaPg } from '@prisma/adapter-pg';`],
    [`import { PrismaClient } from '../../platform/database/generated/client.js';`],
    [`const { ConnectionPool } = await import('../platform/database/connection-pool.js');`],
    [`new Queue(name, { connection }, createPostgresBackend)`],
    [`new Pool({ connectionString: url })`],
  ])('are found in %s', (text) => {
    expect(reachesDatabase(text)).toBe(true);
  });
});
