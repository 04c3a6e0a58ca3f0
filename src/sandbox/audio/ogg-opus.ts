import type { AudioFormat } from './audio-frames.js';
import { checksum } from './crc.js';

const packetMs = 20;
const packetsOfPage = 25;
/** Opus counts in 48,000 samples a second whatever it was made from. */
const samplesOfPacket = (48_000 * packetMs) / 1000;
/** 20 ms of silence. */
const packet = Buffer.from([0xf8, 0xff, 0xfe]);
const serial = 0x5a4d424f;
const first = 2;
const last = 4;

/** An Ogg file with Opus in mono; a frame here is a page of half a second. */
export const opus: AudioFormat = {
  contentType: 'audio/opus',
  frameMs: packetMs * packetsOfPage,
  frameBytes: 27 + packetsOfPage * (1 + packet.length),
  head: () => Buffer.concat([page([opusHead()], 0, 0, first), page([opusTags()], 1, 0, 0)]),
  frame: (index, frames) => {
    const packets = Array.from({ length: packetsOfPage }, () => packet);
    const position = (index + 1) * packetsOfPage * samplesOfPacket;
    return page(packets, index + 2, position, index === frames - 1 ? last : 0);
  },
};

function opusHead(): Buffer {
  const head = Buffer.alloc(19);
  head.write('OpusHead', 0, 'latin1');
  head.set([1, 1], 8);
  head.writeUInt32LE(24_000, 12);
  return head;
}

function opusTags(): Buffer {
  const vendor = Buffer.from('sandbox');
  const lengths = [Buffer.alloc(4), Buffer.alloc(4)] as const;
  lengths[0].writeUInt32LE(vendor.length);
  return Buffer.concat([Buffer.from('OpusTags'), lengths[0], vendor, lengths[1]]);
}

function page(packets: readonly Buffer[], sequence: number, position: number, flags: number): Buffer {
  const head = Buffer.alloc(27);
  head.write('OggS', 0, 'latin1');
  head[5] = flags;
  head.writeBigUInt64LE(BigInt(position), 6);
  head.writeUInt32LE(serial, 14);
  head.writeUInt32LE(sequence, 18);
  head[26] = packets.length;
  const whole = Buffer.concat([head, Buffer.from(packets.map(({ length }) => length)), ...packets]);
  whole.writeUInt32LE(checksum(whole, 32, 0x04c11db7), 22);
  return whole;
}
