import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { PDFDocument, StandardFonts, degrees } from 'pdf-lib';

/** A page of a scanned PDF: the picture of a text, an empty page, or a page with text of its own. */
export type ScannedPage = 'english' | 'german' | 'upside down' | 'blank' | { readonly text: string; readonly over?: 'english' };

/** What is to be read on the scanned pages. */
export const scannedText = {
  english: 'The lighthouse of Port Ellery\nwas painted green in 1887.\nIts keeper was called Amos Tull.',
  german: 'Die Kündigungsfrist beträgt\ndrei Monate zum Quartalsende.\nGröße und Übermaß zählen süß.',
} as const;

/** The path of a file of test/fixtures. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
}

/** A PDF whose pages are pictures, as a scanner makes them. */
export async function scannedPdf(pages: readonly ScannedPage[]): Promise<Buffer> {
  const pdf = await PDFDocument.create();
  const font = await pdf.embedFont(StandardFonts.Helvetica);
  const [english, german] = [await picture(pdf, 'scan-english.png'), await picture(pdf, 'scan-german.png')];
  for (const kind of pages) {
    const page = pdf.addPage([595, 202]);
    const place = { x: 0, y: 0, width: 595, height: 202 };
    if (kind === 'english' || (typeof kind === 'object' && kind.over === 'english')) page.drawImage(english, place);
    if (kind === 'german') page.drawImage(german, place);
    if (kind === 'upside down') {
      page.drawImage(english, { ...place, x: 595, y: 202, rotate: degrees(180) });
      page.setRotation(degrees(180));
    }
    if (typeof kind === 'object') page.drawText(kind.text, { x: 20, y: 180, size: 10, font });
  }
  return Buffer.from(await pdf.save());
}

async function picture(pdf: PDFDocument, name: string) {
  return pdf.embedPng(await readFile(fixture(name)));
}
