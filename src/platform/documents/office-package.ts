import { DocumentFailure } from './document-failure.js';
import { encodingOf } from './text-decoding.js';
import { XmlReader, type XmlHandlers } from './xml-reader.js';
import type { ZipArchive } from './zip-archive.js';

export interface Relationship {
  /** The last word of the relationship's type, e.g. `worksheet`. */
  readonly type: string;
  /** The part that is meant, from the archive's root. */
  readonly target: string;
}

/** Which of the three office formats an archive is, and its main part. */
export interface OfficeKind {
  readonly format: 'docx' | 'pptx' | 'xlsx';
  readonly mainPart: string;
}

const folders = { word: 'docx', ppt: 'pptx', xl: 'xlsx' } as const;
const wideXml = ['utf-16le', 'utf-16be'];
const usualParts = ['word/document.xml', 'ppt/presentation.xml', 'xl/workbook.xml'];

/**
 * Tells what an archive is by its parts, whatever it is called.
 * @throws DocumentFailure unsupported_type when it is no office document.
 */
export async function officeKind(archive: ZipArchive): Promise<OfficeKind> {
  const related = [...(await relationshipsOf(archive, '')).values()].filter(({ type }) => type === 'officeDocument');
  for (const mainPart of [...related.map(({ target }) => target), ...usualParts]) {
    const folder = /^(word|ppt|xl)\//i.exec(mainPart)?.[1]?.toLowerCase();
    if (folder !== undefined && archive.has(mainPart)) return { format: folders[folder as keyof typeof folders], mainPart };
  }
  throw new DocumentFailure('unsupported_type');
}

/** The parts that a part refers to, by their ids; those outside the archive are left out. An empty `part` is the root. */
export async function relationshipsOf(archive: ZipArchive, part: string): Promise<Map<string, Relationship>> {
  const found = new Map<string, Relationship>();
  const folder = part.includes('/') ? part.slice(0, part.lastIndexOf('/') + 1) : '';
  const path = `${folder}_rels/${part.slice(folder.length)}.rels`;
  if (!archive.has(path)) return found;
  await readXmlPart(archive, path, {
    open: (name, attributes) => {
      const { Id: id, Target: target, TargetMode: mode, Type: type } = attributes;
      if (name !== 'Relationship' || id === undefined || target === undefined || mode === 'External') return;
      found.set(id, { type: type?.split('/').at(-1) ?? '', target: resolveTarget(folder, target) });
    },
  });
  return found;
}

/** Reads a part of the archive through the handlers, as it is unpacked. */
export async function readXmlPart(archive: ZipArchive, path: string, handlers: XmlHandlers): Promise<void> {
  const reader = new XmlReader(handlers);
  for await (const piece of xmlPieces(archive, path)) reader.write(piece);
}

/** The text of an XML part, in pieces; `ahead` as `ZipArchive.stream` has it. XML is UTF-8 unless it begins with the mark of UTF-16. */
export async function* xmlPieces(archive: ZipArchive, path: string, ahead?: 'ahead'): AsyncGenerator<string> {
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  for await (const bytes of await archive.stream(path, ahead)) {
    decoder ??= new TextDecoder(
      wideXml.find((encoding) => encoding === encodingOf((bytes as Buffer).subarray(0, 64))) ?? 'utf-8',
    );
    yield decoder.decode(bytes as Buffer, { stream: true });
  }
}

function resolveTarget(folder: string, target: string): string {
  try {
    return decodeURIComponent(new URL(target, `file:///${folder}`).pathname.slice(1));
  } catch {
    // A target that is no address names no part either.
    return target;
  }
}
