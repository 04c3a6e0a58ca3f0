/** The types of files that are taken. `isText` ones look alike by content, so the file's name decides among them. */
export const mediaTypes = {
  'application/pdf': { name: 'PDF', extensions: ['pdf'], isText: false },
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': {
    name: 'Word (.docx)',
    extensions: ['docx'],
    isText: false,
  },
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': {
    name: 'PowerPoint (.pptx)',
    extensions: ['pptx'],
    isText: false,
  },
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': {
    name: 'Excel (.xlsx)',
    extensions: ['xlsx'],
    isText: false,
  },
  'text/html': { name: 'HTML', extensions: ['html', 'htm', 'xhtml'], isText: true },
  'text/markdown': { name: 'Markdown', extensions: ['md', 'markdown'], isText: true },
  'text/csv': { name: 'CSV', extensions: ['csv', 'tsv'], isText: true },
  'application/json': { name: 'JSON', extensions: ['json', 'jsonl', 'ndjson'], isText: true },
  'text/plain': { name: 'plain text', extensions: ['txt', 'text', 'log'], isText: true },
} as const satisfies Record<string, { name: string; extensions: readonly string[]; isText: boolean }>;

export type MediaType = keyof typeof mediaTypes;

/** Bytes of a file's beginning that `sniffMediaType` wants; fewer only where the file is shorter. */
export const sniffedBytes = 64 * 1024;

/** What a file is, or a sentence for its uploader why it is not taken and the type that it seems to be. */
export type SniffedMediaType = { readonly mediaType: MediaType } | { readonly refused: string; readonly otherType: string };

const docx = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const pptx = 'application/vnd.openxmlformats-officedocument.presentationml.presentation';
const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const oldOffice = { doc: 'application/msword', xls: 'application/vnd.ms-excel', ppt: 'application/vnd.ms-powerpoint' };
const unknownType = 'application/octet-stream';
const names = Object.values(mediaTypes).map(({ name }) => name);

/** A sentence for the uploader of a file of another type. */
export const readableTypes = `Files that can be read: ${names.slice(0, -1).join(', ')} and ${names.at(-1)}.`;

/** Tells one of the types above from any other text. */
export function isMediaType(text: string): text is MediaType {
  return Object.hasOwn(mediaTypes, text);
}

/**
 * What a file is, judged by its first bytes (`sniffedBytes` of them). The name decides only where the bytes allow
 * several: among the text formats, and among the office formats when the beginning does not tell which it is. The
 * parser looks again at the whole file. The packages that judge texts and strange types are loaded with the first one.
 */
export async function sniffMediaType(head: Uint8Array, filename: string): Promise<SniffedMediaType> {
  const named = mediaTypeOfName(filename);
  if (startsWith(head, '%PDF-')) return { mediaType: 'application/pdf' };
  if (startsWith(head, 'PK\u0003\u0004')) return sniffArchive(head, named);
  if (startsWith(head, '\u00d0\u00cf\u0011\u00e0\u00a1\u00b1\u001a\u00e1')) return sniffOldOffice(named, filename);
  if (startsWith(head, '{\\rtf')) return refuse('RTF', 'application/rtf');
  if (startsWith(head, '%!PS')) return refuse('PostScript', 'application/postscript');
  if (head.length === 0 || (await isText(head))) return { mediaType: textType(head, named) };
  // Readers allow other bytes before a PDF's beginning.
  if (latin1(head, 1024).includes('%PDF-')) return { mediaType: 'application/pdf' };
  const other = await typeBySignature(head);
  return refuse(other, other ?? unknownType);
}

async function isText(head: Uint8Array): Promise<boolean> {
  const { encodingOf } = await import('./text-decoding.js');
  const encoding = encodingOf(head);
  if (encoding === undefined || /^utf-(16|32)/.test(encoding) || !hasControls(head)) return encoding !== undefined;
  // A text may hold control characters by accident; what also begins like another type is that type.
  return (await typeBySignature(head)) === undefined;
}

function hasControls(head: Uint8Array): boolean {
  for (const byte of head) if (byte < 9) return true;
  return false;
}

async function typeBySignature(head: Uint8Array): Promise<string | undefined> {
  const { fileTypeFromBuffer } = await import('file-type');
  return (await fileTypeFromBuffer(head).catch(() => undefined))?.mime;
}

function mediaTypeOfName(filename: string): MediaType | undefined {
  const extension = /\.([^.]+)$/.exec(filename)?.[1]?.toLowerCase();
  const types = Object.entries(mediaTypes) as [MediaType, { readonly extensions: readonly string[] }][];
  return extension === undefined ? undefined : types.find(([, { extensions }]) => extensions.includes(extension))?.[0];
}

/** Office documents are ZIP archives; which one, tell the folders of the parts at the beginning. */
function sniffArchive(head: Uint8Array, named: MediaType | undefined): SniffedMediaType {
  const text = latin1(head);
  const first = [...text.matchAll(/PK\u0003\u0004[^]{26}(word|ppt|xl)\//g)][0]?.[1];
  if (first !== undefined) return { mediaType: first === 'word' ? docx : first === 'ppt' ? pptx : xlsx };
  if (named === docx || named === pptx || named === xlsx) return { mediaType: named };
  const other = /^PK\u0003\u0004[^]{26}mimetype([\w./+-]+)/.exec(text)?.[1];
  if (other === undefined) return refuse('a ZIP archive', 'application/zip');
  const type = other.replace(/PK$/, '');
  return refuse(type, /^[a-z]+\/[\w.+-]+$/.test(type) ? type : 'application/zip');
}

/** A protected DOCX is kept in the container of the old formats: let it in, so that its uploader reads why it failed. */
function sniffOldOffice(named: MediaType | undefined, filename: string): SniffedMediaType {
  if (named === docx || named === pptx || named === xlsx) return { mediaType: named };
  const type = Object.entries(oldOffice).find(([extension]) => filename.toLowerCase().endsWith(`.${extension}`))?.[1];
  return refuse('of an old Office format (.doc, .xls, .ppt); save it in the newer one', type ?? unknownType);
}

function textType(head: Uint8Array, named: MediaType | undefined): MediaType {
  if (named !== undefined && mediaTypes[named].isText) return named;
  return /^\s*(<!doctype html|<html[\s>])/i.test(latin1(head, 1024).replace(/^\u00ef\u00bb\u00bf/, ''))
    ? 'text/html'
    : 'text/plain';
}

function refuse(found: string | undefined, otherType: string): SniffedMediaType {
  const what = found === undefined ? 'This type of file is not known' : `The file is ${found}`;
  return { refused: `${what}. ${readableTypes}`, otherType };
}

function startsWith(head: Uint8Array, magic: string): boolean {
  return latin1(head, magic.length) === magic;
}

function latin1(head: Uint8Array, length = head.length): string {
  return Buffer.from(head.buffer, head.byteOffset, Math.min(length, head.length)).toString('latin1');
}
