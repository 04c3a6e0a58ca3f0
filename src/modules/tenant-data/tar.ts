const blockBytes = 512;
/** A size beyond what eleven octal digits can say is written in binary, as GNU tar does. */
const mostOctal = 8 ** 11 - 1;

/** The header of a file in a tar archive. @param name up to 100 bytes, in ASCII. @param bytes how long its content is. */
export function tarHeader(name: string, bytes: number, modifiedAt: Date): Buffer {
  if (Buffer.byteLength(name) > 100 || !/^[ -~]+$/.test(name))
    throw new RangeError('A name in an archive has up to 100 characters of ASCII.');
  const block = Buffer.alloc(blockBytes);
  block.write(name, 0, 'latin1');
  block.write(octal(0o600, 8), 100, 'latin1');
  block.write(octal(0, 8), 108, 'latin1');
  block.write(octal(0, 8), 116, 'latin1');
  if (bytes <= mostOctal) {
    block.write(octal(bytes, 12), 124, 'latin1');
  } else {
    block.writeUInt8(0x80, 124);
    block.writeBigUInt64BE(BigInt(bytes), 128);
  }
  block.write(octal(Math.max(0, Math.floor(modifiedAt.getTime() / 1000)), 12), 136, 'latin1');
  block.write(' '.repeat(8), 148, 'latin1');
  block.write('0', 156, 'latin1');
  block.write('ustar\0' + '00', 257, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

/** What fills the last block of a content. */
export function tarPadding(bytes: number): Buffer {
  return Buffer.alloc((blockBytes - (bytes % blockBytes)) % blockBytes);
}

/** What an archive ends with: without it, it was cut off. */
export const tarEnd = Buffer.alloc(2 * blockBytes);

function octal(value: number, length: number): string {
  return `${value.toString(8).padStart(length - 1, '0')}\0`;
}
