import { describe, expect, it } from '@jest/globals';
import { waveFile } from '../../../../test/support/wave-file.js';
import { WaveLength } from './wave-length.js';

function secondsOf(file: Buffer, cut = file.length): number | undefined {
  const length = new WaveLength();
  for (let at = 0; at < file.length; at += cut) length.add(file.subarray(at, at + cut));
  return length.seconds;
}

describe('the length of a WAV file', () => {
  it.each([1, 7, 13, 44, 1_000])('is what its head says, cut into pieces of %i bytes', (cut) => {
    expect(secondsOf(waveFile({ seconds: 2.5 }), cut)).toBe(2.5);
  });

  it('is found behind other parts of its head, and leaves out what stands behind the sound', () => {
    const listed = waveFile({ seconds: 2.5, before: Buffer.from('LIST\x03\x00\x00\x00abc\x00', 'latin1') });
    expect(secondsOf(Buffer.concat([listed, Buffer.from('LIST\x04\x00\x00\x00abcd', 'latin1')]), 100)).toBe(2.5);
  });

  it.each([0, 0xffffffff])('is that of what has come where the head says %i bytes', (told) => {
    expect(secondsOf(waveFile({ seconds: 1.5, told }), 1_000)).toBe(1.5);
  });

  it('is never more than has come', () => {
    expect(secondsOf(waveFile({ seconds: 1.5, told: 1_000_000_000 }))).toBe(1.5);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['another file', Buffer.alloc(5_000, 'ID3')],
    [
      'a head without an end',
      waveFile({ seconds: 1, before: Buffer.concat([Buffer.from('LIST\x00\x20\x00\x00', 'latin1'), Buffer.alloc(8_192)]) }),
    ],
    ['no byte rate', waveFile({ seconds: 1, byteRate: 0 })],
    ['a head that is cut', waveFile({ seconds: 1 }).subarray(0, 30)],
  ])('is unknown of %s', (_what, file) => {
    expect(secondsOf(file, 500)).toBeUndefined();
  });
});
