import { readFile } from 'node:fs/promises';

/** What pdf.js asks for: a table of character codes (most CJK documents name one), a font that is not embedded, or a decoder of pictures. */
interface DataFileRequest {
  readonly kind: string;
  readonly filename: string;
}

const folders: Readonly<Record<string, string>> = {
  cMapUrl: 'cmaps/',
  iccUrl: 'iccs/',
  standardFontDataUrl: 'standard_fonts/',
  wasmUrl: 'wasm/',
};

/**
 * Gives pdf.js its data files from its installed package. Its own way is a fetch, which knows no files; nothing is ever
 * fetched from a network.
 */
export class PdfDataFiles {
  async fetch({ kind, filename }: DataFileRequest): Promise<Uint8Array> {
    const folder = folders[kind];
    if (folder === undefined || !/^[\w-]+\.\w+$/.test(filename)) throw new Error(`There is no such file: ${kind} ${filename}`);
    const url = new URL(`./${folder}${filename}`, import.meta.resolve('pdfjs-dist/package.json'));
    return new Uint8Array(await readFile(url));
  }
}
