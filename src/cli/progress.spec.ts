import { describe, expect, it } from '@jest/globals';
import type { CliContext, GlobalFlags } from './cli-context.js';
import { startProgress } from './progress.js';

/** What is told of three steps to a pipe. */
async function told(flags: GlobalFlags, everyMs: number): Promise<string[]> {
  const lines: string[] = [];
  const io = { env: {}, isInteractive: false, out: () => undefined, err: (text: string) => void lines.push(text) };
  const context = { io, flags: () => flags } as unknown as CliContext;
  const progress = await startProgress(context, 'applying', everyMs);
  for (const done of [0, 100, 200]) progress.show(`acme: ${done} of 200`);
  progress.stop('done');
  return lines;
}

describe('progress without a terminal', () => {
  it('is a line for each step that comes when it is time', async () => {
    expect(await told({}, 0)).toEqual([
      'applying acme: 0 of 200\n',
      'applying acme: 100 of 200\n',
      'applying acme: 200 of 200\n',
    ]);
  });

  it('is nothing for short work, and nothing with --json', async () => {
    expect(await told({}, 3_600_000)).toEqual([]);
    expect(await told({ json: true }, 0)).toEqual([]);
  });
});
