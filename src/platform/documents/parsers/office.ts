import { open } from 'node:fs/promises';
import { DocumentFailure } from '../document-failure.js';
import { officeKind } from '../office-package.js';
import type { ParserInput } from '../parser-input.js';
import type { Section } from '../section.js';
import { ZipArchive } from '../zip-archive.js';

const parsers = {
  docx: async () => (await import('./docx.js')).parseDocx,
  pptx: async () => (await import('./pptx.js')).parsePptx,
  xlsx: async () => (await import('./xlsx.js')).parseXlsx,
};

/**
 * DOCX, PPTX and XLSX, recognised by what is in the archive: the beginning of a file does not always show it.
 * @throws DocumentFailure encrypted_document, unsupported_type and what `ZipArchive` throws.
 */
export async function* parseOffice(input: ParserInput): AsyncGenerator<Section> {
  await refuseOldContainer(input.path);
  const archive = await ZipArchive.open(input.path, input.limits);
  try {
    const { format, mainPart } = await officeKind(archive);
    const parse = await parsers[format]();
    yield* parse(archive, mainPart, input);
  } finally {
    archive.close();
  }
}

/** Office keeps a protected document inside the container of its old formats. */
async function refuseOldContainer(path: string): Promise<void> {
  const file = await open(path);
  try {
    const head = Buffer.alloc(8);
    await file.read(head, 0, 8, 0);
    if (head.toString('hex') !== 'd0cf11e0a1b11ae1') return;
    const name = Buffer.from('EncryptedPackage', 'utf16le');
    let tail: Buffer = Buffer.alloc(0);
    for await (const piece of file.createReadStream({ start: 0, autoClose: false })) {
      const bytes = Buffer.concat([tail, piece as Buffer]);
      if (bytes.includes(name)) throw new DocumentFailure('encrypted_document');
      tail = bytes.subarray(-name.length);
    }
    throw new DocumentFailure('unsupported_type');
  } finally {
    await file.close();
  }
}
