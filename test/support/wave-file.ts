/** Bytes of a second of the sound in `waveFile`. */
const bytesOfSecond = 16_000;

export interface WaveFileOptions {
  readonly seconds: number;
  /** What the head says of the sound's bytes; by default the truth. */
  readonly told?: number;
  readonly byteRate?: number;
  /** Further chunks between the format and the sound. */
  readonly before?: Buffer;
}

/** A WAV file of silence: 8 kHz, 16 bits, one channel. */
export function waveFile({ seconds, told, byteRate = bytesOfSecond, before = Buffer.alloc(0) }: WaveFileOptions): Buffer {
  const sound = Buffer.alloc(seconds * bytesOfSecond);
  const format = Buffer.alloc(24);
  format.write('fmt ', 'latin1');
  format.writeUInt32LE(16, 4);
  format.writeUInt16LE(1, 8);
  format.writeUInt16LE(1, 10);
  format.writeUInt32LE(8_000, 12);
  format.writeUInt32LE(byteRate, 16);
  format.writeUInt16LE(2, 20);
  format.writeUInt16LE(16, 22);
  const data = Buffer.alloc(8);
  data.write('data', 'latin1');
  data.writeUInt32LE(told ?? sound.length, 4);
  const rest = Buffer.concat([Buffer.from('WAVE'), format, before, data, sound]);
  const head = Buffer.alloc(8);
  head.write('RIFF', 'latin1');
  head.writeUInt32LE(rest.length, 4);
  return Buffer.concat([head, rest]);
}
