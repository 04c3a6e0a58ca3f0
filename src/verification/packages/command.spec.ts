import { expect, it } from '@jest/globals';
import { ended, inOwnFolder, type Command } from './command.js';

const run = (command: Command, limitMs?: number) =>
  inOwnFolder((folder) =>
    ended(command, { folder, env: {}, baseURL: 'http://127.0.0.1:3000', ...(limitMs === undefined ? {} : { limitMs }) }),
  );

it('tells how a command ended, and what it wrote', async () => {
  expect(await run(['/bin/sh', '-c', 'echo yes; echo no >&2; exit 3'])).toEqual({
    code: 3,
    out: 'yes\n',
    err: 'no\n',
    refused: [],
  });
});

it('waits no longer than its limit, though the command hears no signal and what it has begun keeps its output open', async () => {
  const { code, out } = await run(['/bin/sh', '-c', 'trap "" TERM; echo begun; /bin/sleep 30 & wait'], 500);
  expect([code, out]).toEqual([null, 'begun\n']);
});
