import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import { z } from 'zod';
import { adminRouteIds, adminRouteRow } from '../catalog/admin-routes.js';
import { addFieldOptions } from './field-options.js';

const folder = fileURLToPath(new URL('.', import.meta.url));
const sources = readdirSync(folder)
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
  .map((name) => readFileSync(join(folder, name), 'utf8'))
  .join('\n');

describe('the commands', () => {
  it('leave out no route of the admin plane', () => {
    expect(adminRouteIds.filter((id) => !sources.includes(`'${id}'`))).toEqual([]);
  });

  it.each(adminRouteIds.map((id) => [id]))('take no field of %s for a flag that all commands have', (id) => {
    const { request = z.object({}), query = z.object({}) } = adminRouteRow(id);
    for (const schema of [request, query]) {
      const { options } = addFieldOptions(new Command('x'), schema);
      const taken = options
        .map(({ long }) => long)
        .filter((long) => ['--url', '--token', '--tenant', '--json', '--yes'].includes(String(long)));
      expect(taken).toEqual([]);
    }
  });
});
