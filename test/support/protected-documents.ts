import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { PDFArray, PDFDict, PDFDocument, PDFHexString, PDFName, PDFRawStream, PDFString, type PDFObject } from 'pdf-lib';

/**
 * Protects a PDF as Acrobat 9 does (AES-256, revision 5): every text and stream is encrypted. An empty password gives
 * a PDF that every reader opens but whose owner forbids changes.
 */
export async function protectedPdf(bytes: Uint8Array, password: string): Promise<Buffer> {
  const pdf = await PDFDocument.load(bytes, { updateMetadata: false });
  const key = randomBytes(32);
  for (const [reference, object] of pdf.context.enumerateIndirectObjects()) {
    const [dictionary, stream] = object instanceof PDFRawStream ? [object.dict, object] : [object, undefined];
    encryptTexts(dictionary, key);
    if (stream !== undefined) pdf.context.assign(reference, PDFRawStream.of(stream.dict, encrypt(stream.contents, key)));
  }
  pdf.context.trailerInfo.Encrypt = pdf.context.register(encryptDictionary(pdf, key, password));
  const id = PDFHexString.of(randomBytes(16).toString('hex'));
  pdf.context.trailerInfo.ID = pdf.context.obj([id, id]);
  return Buffer.from(await pdf.save({ useObjectStreams: false, updateFieldAppearances: false }));
}

function encryptTexts(object: PDFObject, key: Buffer): void {
  const replaced = (value: PDFObject): PDFObject => {
    if (value instanceof PDFString || value instanceof PDFHexString)
      return PDFHexString.of(encrypt(value.asBytes(), key).toString('hex'));
    encryptTexts(value, key);
    return value;
  };
  if (object instanceof PDFDict) for (const [name, value] of object.entries()) object.set(name, replaced(value));
  if (object instanceof PDFArray) object.asArray().forEach((value, index) => object.set(index, replaced(value)));
}

function encryptDictionary(pdf: PDFDocument, key: Buffer, password: string): PDFDict {
  const user = sealed(password, key, Buffer.alloc(0));
  const owner = sealed('the owner', key, user.check);
  const permissions = Buffer.concat([
    Buffer.from([0xfc, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
    Buffer.from('Tadb'),
    randomBytes(4),
  ]);
  const cipher = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  const hex = (bytes: Buffer): PDFHexString => PDFHexString.of(bytes.toString('hex'));
  return pdf.context.obj({
    Filter: 'Standard',
    V: 5,
    R: 5,
    Length: 256,
    P: -4,
    U: hex(user.check),
    UE: hex(user.key),
    O: hex(owner.check),
    OE: hex(owner.key),
    Perms: hex(Buffer.concat([cipher.update(permissions), cipher.final()])),
    CF: { StdCF: { CFM: 'AESV3', AuthEvent: 'DocOpen', Length: 32 } },
    StmF: PDFName.of('StdCF'),
    StrF: PDFName.of('StdCF'),
  });
}

/** What a password is checked against, and the file's key as only that password opens it. */
function sealed(password: string, key: Buffer, user: Buffer): { check: Buffer; key: Buffer } {
  const [checkSalt, keySalt] = [randomBytes(8), randomBytes(8)];
  const hash = (salt: Buffer): Buffer => createHash('sha256').update(password).update(salt).update(user).digest();
  const cipher = createCipheriv('aes-256-cbc', hash(keySalt), Buffer.alloc(16)).setAutoPadding(false);
  return {
    check: Buffer.concat([hash(checkSalt), checkSalt, keySalt]),
    key: Buffer.concat([cipher.update(key), cipher.final()]),
  };
}

function encrypt(bytes: Uint8Array, key: Buffer): Buffer {
  const start = randomBytes(16);
  const cipher = createCipheriv('aes-256-cbc', key, start);
  return Buffer.concat([start, cipher.update(bytes), cipher.final()]);
}

/** A document as Office keeps it under a password: encrypted, in the container of the old formats. The key is lost. */
export function protectedOfficeDocument(bytes: Buffer): Buffer {
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(bytes.length));
  const salt = randomBytes(16).toString('base64');
  const info = `<encryption xmlns="http://schemas.microsoft.com/office/2006/encryption"><keyData saltSize="16" blockSize="16" keyBits="256" hashSize="64" cipherAlgorithm="AES" cipherChaining="ChainingModeCBC" hashAlgorithm="SHA512" saltValue="${salt}"/></encryption>`;
  return compoundFile({
    EncryptionInfo: Buffer.concat([Buffer.from([4, 0, 4, 0, 0x40, 0, 0, 0]), Buffer.from(info.padEnd(4_096))]),
    EncryptedPackage: Buffer.concat([size, encrypt(bytes, randomBytes(32))]),
  });
}

/** The outside of a document of Word 97: a container with the stream that Word looks for. */
export function oldWordDocument(): Buffer {
  return compoundFile({ WordDocument: randomBytes(8_192) });
}

const sector = 512;
const endOfChain = 0xfffffffe;

/** A compound file (MS-CFB, version 3) with one folder. Streams must have 4,096 bytes or more, and fit in 60 KB together. */
export function compoundFile(streams: Readonly<Record<string, Buffer>>): Buffer {
  const table = Buffer.alloc(sector, 0xff);
  table.writeUInt32LE(0xfffffffd, 0);
  table.writeUInt32LE(endOfChain, 4);
  const entries = [directoryEntry('Root Entry', 5, 1, endOfChain, 0)];
  const bodies: Buffer[] = [];
  let next = 2;
  Object.entries(streams).forEach(([name, content], index, all) => {
    const sectors = Math.ceil(content.length / sector);
    for (let at = 0; at < sectors; at += 1) table.writeUInt32LE(at === sectors - 1 ? endOfChain : next + at + 1, (next + at) * 4);
    entries.push(directoryEntry(name, 2, index + 1 < all.length ? index + 2 : 0xffffffff, next, content.length));
    bodies.push(Buffer.concat([content, Buffer.alloc(sectors * sector - content.length)]));
    next += sectors;
  });
  return Buffer.concat([compoundHeader(), table, Buffer.concat(entries, sector), ...bodies]);
}

function compoundHeader(): Buffer {
  const header = Buffer.alloc(sector, 0xff);
  header.fill(0, 0, 76);
  Buffer.from('d0cf11e0a1b11ae1', 'hex').copy(header);
  header.writeUInt16LE(0x3e, 24);
  header.writeUInt16LE(3, 26);
  header.writeUInt16LE(0xfffe, 28);
  header.writeUInt16LE(9, 30);
  header.writeUInt16LE(6, 32);
  header.writeUInt32LE(1, 44);
  header.writeUInt32LE(1, 48);
  header.writeUInt32LE(4_096, 56);
  header.writeUInt32LE(endOfChain, 60);
  header.writeUInt32LE(endOfChain, 68);
  header.writeUInt32LE(0, 76);
  return header;
}

function directoryEntry(name: string, type: number, following: number, start: number, size: number): Buffer {
  const entry = Buffer.alloc(128);
  entry.write(name, 0, 'utf16le');
  entry.writeUInt16LE((name.length + 1) * 2, 64);
  entry.writeUInt8(type, 66);
  entry.writeUInt8(1, 67);
  entry.writeUInt32LE(0xffffffff, 68);
  entry.writeUInt32LE(type === 5 ? 0xffffffff : following, 72);
  entry.writeUInt32LE(type === 5 ? following : 0xffffffff, 76);
  entry.writeUInt32LE(start, 116);
  entry.writeUInt32LE(size, 120);
  return entry;
}
