import { sampleRate, type AudioFormat } from './audio-frames.js';

const pcmMs = 20;
const nothing = Buffer.alloc(0);

/** 20 ms of a tone of 500 hertz, which is ten whole waves: frames join without a click. */
const tone = (() => {
  const samples = (sampleRate * pcmMs) / 1000;
  const bytes = Buffer.alloc(samples * 2);
  for (let at = 0; at < samples; at += 1)
    bytes.writeInt16LE(Math.round(3000 * Math.sin((2 * Math.PI * 500 * at) / sampleRate)), at * 2);
  return bytes;
})();

/** Signed 16-bit samples, little-endian, without a head. */
export const pcm: AudioFormat = {
  contentType: 'audio/pcm',
  frameMs: pcmMs,
  frameBytes: tone.length,
  head: () => nothing,
  frame: () => tone,
};

/** The same samples behind a RIFF head that tells their length. */
export const wav: AudioFormat = { ...pcm, contentType: 'audio/wav', head: (frames) => waveHead(frames * tone.length) };

function waveHead(dataBytes: number): Buffer {
  const head = Buffer.alloc(44);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(36 + dataBytes, 4);
  head.write('WAVEfmt ', 8, 'latin1');
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(sampleRate, 24);
  head.writeUInt32LE(sampleRate * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36, 'latin1');
  head.writeUInt32LE(dataBytes, 40);
  return head;
}

/** MPEG-2 layer III, 32 kbit/s, 24 kHz, mono: 576 samples in 96 bytes; all zero behind the head is silence. */
const mp3Frame = Buffer.concat([Buffer.from([0xff, 0xf3, 0x44, 0xc4]), Buffer.alloc(92)]);

export const mp3: AudioFormat = {
  contentType: 'audio/mpeg',
  frameMs: (576 * 1000) / sampleRate,
  frameBytes: mp3Frame.length,
  head: () => nothing,
  frame: () => mp3Frame,
};

/** ADTS, AAC-LC, 24 kHz, mono: a head of 7 bytes and 1,024 silent samples in 4. */
const aacFrame = Buffer.from([0xff, 0xf1, 0x58, 0x40, 0x01, 0x7f, 0xfc, 0x00, 0x00, 0x00, 0x07]);

export const aac: AudioFormat = {
  contentType: 'audio/aac',
  frameMs: (1024 * 1000) / sampleRate,
  frameBytes: aacFrame.length,
  head: () => nothing,
  frame: () => aacFrame,
};
