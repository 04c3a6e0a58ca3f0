/** A checksum that takes the highest bit first, begins at 0 and is not inverted, as Ogg and FLAC use them. */
export function checksum(bytes: Buffer, width: 8 | 16 | 32, polynomial: number): number {
  const shift = width - 8;
  const mask = width === 32 ? 0xffffffff : (1 << width) - 1;
  const table = tableOf(width, polynomial);
  let value = 0;
  for (const byte of bytes) value = (((value << 8) & mask) ^ (table[((value >>> shift) ^ byte) & 0xff] ?? 0)) >>> 0;
  return value;
}

const tables = new Map<number, Uint32Array>();

function tableOf(width: 8 | 16 | 32, polynomial: number): Uint32Array {
  const known = tables.get(polynomial);
  if (known !== undefined) return known;
  const top = width === 32 ? 0x80000000 : 1 << (width - 1);
  const mask = width === 32 ? 0xffffffff : (1 << width) - 1;
  const table = Uint32Array.from({ length: 256 }, (_unused, byte) => {
    let value = byte << (width - 8);
    for (let bit = 0; bit < 8; bit += 1) value = (value & top) === 0 ? (value << 1) & mask : ((value << 1) ^ polynomial) & mask;
    return value >>> 0;
  });
  tables.set(polynomial, table);
  return table;
}
