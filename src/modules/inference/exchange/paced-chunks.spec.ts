import { describe, expect, it } from '@jest/globals';
import { PacedChunks, type PacedChunksUser } from './paced-chunks.js';

const piece = Buffer.alloc(64 * 1024);

/** Writes down what happens, in order. */
function recorded(): { readonly said: string[]; readonly user: PacedChunksUser; readonly over: Promise<void> } {
  const said: string[] = [];
  let end = (): void => undefined;
  const over = new Promise<void>((resolve) => (end = resolve));
  const user: PacedChunksUser = {
    onChunk: () => said.push('chunk'),
    onLast: () => {
      said.push('last');
      end();
    },
    pauseSource: () => said.push('pause'),
    resumeSource: () => said.push('resume'),
  };
  return { said, user, over };
}

describe('chunks that come all at once', () => {
  it('are handed on in steps, others go in between, and the end comes last', async () => {
    const { said, user, over } = recorded();
    const paced = new PacedChunks(user);
    for (let count = 0; count < 32; count += 1) paced.add(piece);
    paced.end();
    const other = (): void => {
      said.push('other');
      if (!said.includes('last')) setImmediate(other);
    };
    setImmediate(other);
    await over;
    expect(said.filter((what) => what === 'chunk')).toHaveLength(32);
    expect(said.at(-1)).toBe('last');
    expect(said.filter((what) => what === 'other').length).toBeGreaterThan(10);
  });

  it('let their source go on once all are handed on', async () => {
    const { said, user } = recorded();
    const paced = new PacedChunks(user);
    for (let count = 0; count < 5; count += 1) paced.add(piece);
    while (!said.includes('resume')) await new Promise((resolve) => setImmediate(resolve));
    expect(said.lastIndexOf('pause')).toBeLessThan(said.indexOf('resume'));
    expect(said.filter((what) => what === 'chunk')).toHaveLength(5);
    expect(paced.isBusy).toBe(false);
  });

  it('are handed on at once when they are few', () => {
    const { said, user } = recorded();
    const paced = new PacedChunks(user);
    paced.add(piece);
    paced.end();
    expect(said).toEqual(['chunk', 'last']);
  });
});
