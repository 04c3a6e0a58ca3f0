import { describe, expect, it } from '@jest/globals';
import { createConnectionRequest } from '../../contracts/connections.js';
import { providerIds, providerOf } from '../../contracts/providers.js';
import { providersPage } from './providers-page.js';

const rows = providersPage()
  .split('\n')
  .filter((line) => line.startsWith('| ') && line.includes(' gt connection create '));

describe('docs/providers.md', () => {
  it('has a row for each provider, in the order of the list', () => {
    expect(rows.map((row) => row.split(' | ')[0]?.slice(2))).toEqual(providerIds.map((id) => providerOf(id).title));
  });

  it.each(providerIds)('has a command for %s that says all that must be said', (id) => {
    const command = /gt connection create (.*?)`/.exec(rows[providerIds.indexOf(id)] ?? '')?.[1] ?? '';
    const { provider, 'base-url': baseUrl, 'token-env': variable } = flagsOf(command);
    const auth = variable === undefined ? {} : { auth: { mode: 'header_token', token: variable } };
    const request = createConnectionRequest.parse({ provider, ...(baseUrl === undefined ? {} : { base_url: baseUrl }), ...auth });
    expect(request).toMatchObject({ name: id, wire: providerOf(id).wire, auth: { mode: providerOf(id).signsIn } });
  });
});

function flagsOf(command: string): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries([...command.matchAll(/--(\S+) (\S+)/g)].map(([, flag, value]) => [flag, value]));
}
