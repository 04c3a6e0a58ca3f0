import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../config/load-config.js';
import { newCredential } from '../kernel/credentials.js';
import { Log } from './log.js';
import { NestLog } from './nest-log.js';

const config = loadConfig({
  DATABASE_URL: 'postgresql://127.0.0.1/x',
  GT_SECRET_KEYS: `k:${Buffer.alloc(32).toString('base64')}`,
});

/** What is printed when a service says this through Nest's Logger. */
function printed(say: (log: NestLog) => void): string {
  const lines: string[] = [];
  say(new NestLog(new Log(config, { write: (line: string) => void lines.push(line) })));
  return lines.join('');
}

describe('what services say through Nest', () => {
  const secrets = [newCredential('gtak_'), newCredential('gtad_'), 'sk-proj-abcdefghijkl', 'postgres-password'];
  const text = `Bearer ${secrets[0]} and ${secrets[1]}, ${secrets[2]}, postgresql://gt:${secrets[3]}@db.example/gt`;

  it.each<[string, (log: NestLog) => void]>([
    ['a warning', (log) => log.warn(text, 'Speaker')],
    ['an error', (log) => log.error(text, 'a stack', 'Speaker')],
    ['an error with its cause', (log) => log.error(new Error('outer', { cause: new Error(text) }), 'Speaker')],
    ['a fatal error', (log) => log.fatal(text, 'Speaker')],
  ])('%s is one line of JSON that names the speaker and holds no secret', (_what, say) => {
    const line = printed(say);
    expect(JSON.parse(line)).toMatchObject({ context: 'Speaker' });
    expect(line).toContain('[redacted]');
    for (const secret of secrets) expect(line).not.toContain(secret);
  });

  it('announcements are left out', () => {
    expect(printed((log) => log.log())).toBe('');
  });
});
