import type { FileHandle } from 'node:fs/promises';
import type { PDFDocumentProxy } from 'pdfjs-dist';
import { chained, PageRaster, type GreyPicture, type Matrix } from './page-raster.js';
import { PdfDataFiles } from './pdf-data-files.js';
import { decoded, picturesOf, type Operators } from './pdf-pictures.js';
import { rangeOf } from './pdf-range.js';

/** A page as a picture, and how many of its pixels make an inch. */
export interface ScannedPage extends GreyPicture {
  readonly dotsPerInch: number;
}

/** Pixels of one picture that are decoded: more than A4 has at 600 dots an inch. Larger ones count as not there. */
const mostPicturePixels = 36_000_000;
/** Pixels of a page on which text is looked for: A4 at 300 dots an inch has 8.7 million. */
const mostPagePixels = 12_000_000;
const bestDotsPerInch = 300;
const leastDotsPerInch = 150;
/** A page of which pictures cover less is no scan. */
const leastCovered = 0.1;

/**
 * The pages of a PDF as the pictures that lie on them. Nothing is drawn but pictures: that is what a scan consists of. For this
 * a PDF is opened by the whole of pdf.js, which decodes what scanners write (CCITT, JBIG2, JPEG, JPEG 2000).
 */
export class PdfScans {
  private constructor(
    private readonly pdf: PDFDocumentProxy,
    private readonly operators: Operators,
  ) {}

  static async open(file: FileHandle): Promise<PdfScans> {
    const { getDocument, OPS, PDFDataRangeTransport } = await import('pdfjs-dist/legacy/build/pdf.mjs');
    // Another build of pdf.js, which reads the texts, has left its worker there; each looks for it once.
    Reflect.deleteProperty(globalThis, 'pdfjsWorker');
    const pdf = await getDocument({
      range: await rangeOf(file, PDFDataRangeTransport),
      rangeChunkSize: 256 * 1024,
      disableStream: true,
      disableAutoFetch: true,
      BinaryDataFactory: PdfDataFiles,
      // Where a decoder's WebAssembly is too new for this Node, pdf.js imports the same decoder as a program from here.
      wasmUrl: new URL('./wasm/', import.meta.resolve('pdfjs-dist/package.json')).href,
      useWorkerFetch: false,
      isOffscreenCanvasSupported: false,
      isImageDecoderSupported: false,
      maxImageSize: mostPicturePixels,
      verbosity: 0,
    }).promise;
    return new PdfScans(pdf, OPS as Operators);
  }

  /** Undefined for a page that is no scan. */
  async page(number: number): Promise<ScannedPage | undefined> {
    const page = await this.pdf.getPage(number);
    try {
      const pictures = await picturesOf(page, this.operators);
      const { width, height } = page.getViewport({ scale: 1 });
      const points = width * height;
      const covered = pictures.reduce((sum, { matrix }) => sum + areaOf(matrix), 0);
      if (!(points > 0) || covered < points * leastCovered) return undefined;
      const scale = scaleOf(pictures, points);
      const raster = new PageRaster(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)));
      const view = page.getViewport({ scale }).transform as unknown as Matrix;
      for (const picture of pictures) {
        const pixels = await decoded(page, picture);
        if (pixels !== undefined) raster.put({ ...pixels, matrix: chained(view, pixels.matrix) });
      }
      return { width: raster.width, height: raster.height, shades: raster.shades, dotsPerInch: Math.round(scale * 72) };
    } finally {
      page.cleanup();
    }
  }

  async close(): Promise<void> {
    await this.pdf.loadingTask.destroy();
  }
}

function areaOf([a, b, c, d]: Matrix): number {
  return Math.abs(a * d - b * c);
}

/** Pixels for each point: as many as the finest of the larger pictures has, within what serves recognition and memory. */
function scaleOf(pictures: readonly { readonly width: number; readonly matrix: Matrix }[], points: number): number {
  const large = pictures.filter(({ matrix }) => areaOf(matrix) > points * 0.01);
  const finest = Math.max(0, ...large.map(({ width, matrix: [a, b] }) => width / Math.max(1e-6, Math.hypot(a, b))));
  const wanted = Math.max(leastDotsPerInch / 72, Math.min(bestDotsPerInch / 72, finest));
  return Math.min(wanted, Math.sqrt(mostPagePixels / points));
}
