import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runFolder } from '../support/postgres.js';

const prepare = new URL('../../bin/prepare.mjs', import.meta.url).href;

describe('the installation before the first start', () => {
  it('does not empty a folder of packages that only a link leads to', () => {
    const [root, shared] = [mkdtempSync(join(runFolder(), 'root-')), mkdtempSync(join(runFolder(), 'shared-'))];
    mkdirSync(join(shared, 'a-package'));
    symlinkSync(shared, join(root, 'node_modules'));
    writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages: { 'node_modules/other': { version: '1.0.0' } } }));
    const script = `import { installWhenNeeded } from '${prepare}'; await installWhenNeeded('${root}', '${root}/log');`;
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([1, expect.stringMatching(/the folder is a link: .* Run "npm ci" where it leads to/)]);
    expect(readdirSync(shared)).toEqual(['a-package']);
  });
});
