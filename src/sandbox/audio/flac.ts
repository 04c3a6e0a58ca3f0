import { sampleRate, type AudioFormat } from './audio-frames.js';
import { checksum } from './crc.js';

const samplesOfBlock = 4096;

/** FLAC, 24 kHz, 16 bits, mono: blocks of one constant sample, which is silence. */
export const flac: AudioFormat = {
  contentType: 'audio/flac',
  frameMs: (samplesOfBlock * 1000) / sampleRate,
  frameBytes: 11,
  head: (frames) => Buffer.concat([Buffer.from('fLaC'), Buffer.from([0x80, 0, 0, 34]), streamInfo(frames * samplesOfBlock)]),
  frame: block,
};

function streamInfo(samples: number): Buffer {
  const info = Buffer.alloc(34);
  info.writeUInt16BE(samplesOfBlock, 0);
  info.writeUInt16BE(samplesOfBlock, 2);
  // 20 bits of sample rate, 3 of channels less one, 5 of bits less one, 36 of samples.
  info.writeBigUInt64BE((BigInt(sampleRate) << 44n) | (15n << 36n) | BigInt(samples), 10);
  return info;
}

function block(index: number): Buffer {
  const head = Buffer.from([0xff, 0xf8, 0xc7, 0x08, ...numberOfBlock(index)]);
  const body = Buffer.concat([head, Buffer.from([checksum(head, 8, 0x07), 0, 0, 0])]);
  const check = Buffer.alloc(2);
  check.writeUInt16BE(checksum(body, 16, 0x8005));
  return Buffer.concat([body, check]);
}

/** The number in the form of UTF-8, which FLAC uses beyond the range of Unicode too. */
function numberOfBlock(index: number): readonly number[] {
  if (index < 0x80) return [index];
  const low = (shift: number) => 0x80 | ((index >> shift) & 0x3f);
  if (index < 0x800) return [0xc0 | (index >> 6), low(0)];
  if (index < 0x10000) return [0xe0 | (index >> 12), low(6), low(0)];
  if (index < 0x200000) return [0xf0 | (index >> 18), low(12), low(6), low(0)];
  return [0xf8 | (index >> 24), low(18), low(12), low(6), low(0)];
}
