import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { LineBuffer } from './line-buffer.js';

describe('LineBuffer', () => {
  it('hands every line on, in order, although nobody asks for it', async () => {
    const out = new PassThrough();
    const buffer = new LineBuffer({ write: (text) => void out.write(text) });
    buffer.write('one\n');
    buffer.write('two\n');
    const [first] = (await once(out, 'data')) as [Buffer];
    expect(first.toString()).toBe('one\ntwo\n');
  });

  it('hands lines on at once when many have come together, and loses none at the end of the process', () => {
    const pieces: string[] = [];
    const buffer = new LineBuffer({ write: (text) => void pieces.push(text) });
    const lines = Array.from({ length: 1000 }, (_, at) => `${at} ${'x'.repeat(60)}\n`);
    for (const line of lines) buffer.write(line);
    expect(pieces).toHaveLength(1);
    buffer.finish();
    expect(pieces.join('')).toBe(lines.join(''));
  });
});
