import { describe, expect, it } from '@jest/globals';
import { readSettings } from './settings.js';

describe('settings of the sandbox process', () => {
  it('are loopback, port 4120 and no token unless said otherwise', () => {
    expect(readSettings([], undefined)).toEqual({ host: '127.0.0.1', port: 4120, token: undefined, graceMs: 5000 });
  });

  it('take the token of the command line before that of the environment, and an empty one as none', () => {
    expect(readSettings(['--token', 'a'], 'b').token).toBe('a');
    expect(readSettings([], 'b').token).toBe('b');
    expect(readSettings([], '').token).toBeUndefined();
  });

  it('narrow the sandbox to parts of the API', () => {
    expect(readSettings(['--only', 'chat,embeddings'], undefined).only).toEqual(['chat', 'embeddings']);
  });

  it.each([
    [['--port', 'x']],
    [['--port', '70000']],
    [['--grace-ms', '-1']],
    [['--unknown']],
    [['--only', 'chat,talk']],
    [['--only', '']],
  ])('refuse %s', (args) => {
    expect(() => readSettings(args, undefined)).toThrow();
  });
});
