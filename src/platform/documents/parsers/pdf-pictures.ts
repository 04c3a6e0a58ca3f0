import type { PDFPageProxy } from 'pdfjs-dist';
import { chained, type Matrix, type PlacedPicture } from './page-raster.js';

/** The operators of pdf.js by name. */
export type Operators = Readonly<Record<string, number>>;

/** A decoded picture as pdf.js gives it, or the name under which it does. */
interface DecodedPicture {
  readonly width: number;
  readonly height: number;
  /** 1: a bit for each pixel, 2: red, green and blue, 3: these and how opaque. Absent of a stencil, which has bits. */
  readonly kind?: number;
  readonly data?: Uint8Array | Uint8ClampedArray | string | null;
  readonly transform?: Matrix;
}

interface State {
  readonly matrix: Matrix;
  readonly ink: number;
}

/** A picture whose pixels are not read yet. */
export interface FoundPicture {
  readonly source: DecodedPicture | string;
  /** Of the picture, as far as the page tells it. */
  readonly width: number;
  readonly matrix: Matrix;
  readonly ink?: number;
}

/** More pictures on one page are no scan. */
const mostPictures = 2_000;
const upright: Matrix = [1, 0, 0, 1, 0, 0];

/** Where the pictures of a page lie, in points of the page from its lower left corner; their pixels are read with `decoded`. */
export async function picturesOf(page: PDFPageProxy, operators: Operators): Promise<FoundPicture[]> {
  const { fnArray, argsArray } = await page.getOperatorList();
  const names = new Map(Object.entries(operators).map(([name, code]) => [code, name]));
  const found: FoundPicture[] = [];
  const kept: State[] = [];
  let state: State = { matrix: upright, ink: 0 };
  for (const [index, code] of fnArray.entries()) {
    const name = names.get(code) ?? '';
    const args = (argsArray[index] ?? []) as unknown[];
    if (name === 'save' || name === 'paintFormXObjectBegin') kept.push(state);
    if (name === 'restore' || name === 'paintFormXObjectEnd') state = kept.pop() ?? state;
    if (name === 'transform') state = { ...state, matrix: chained(state.matrix, args as unknown as Matrix) };
    if (name === 'paintFormXObjectBegin' && Array.isArray(args[0]))
      state = { ...state, matrix: chained(state.matrix, args[0] as unknown as Matrix) };
    if (name.startsWith('setFill')) state = { ...state, ink: shadeOf(args[0]) };
    for (const picture of paintedBy(name, args, state)) if (found.push(picture) >= mostPictures) return found;
  }
  return found;
}

function* paintedBy(name: string, args: readonly unknown[], { matrix, ink }: State): Generator<FoundPicture> {
  const [first] = args;
  if (name === 'paintImageXObject') {
    const [source, width] = args as [string, number];
    yield { source, width, matrix };
  }
  if (name === 'paintInlineImageXObject') {
    const source = first as DecodedPicture;
    yield { source, width: source.width, matrix };
  }
  if (name !== 'paintImageMaskXObject' && name !== 'paintImageMaskXObjectGroup') return;
  for (const source of (Array.isArray(first) ? first : [first]) as DecodedPicture[]) {
    if (typeof source !== 'object') continue;
    const own = source.transform === undefined ? matrix : chained(matrix, source.transform);
    yield { source, width: source.width, matrix: own, ink };
  }
}

/** The picture with its pixels; undefined when it cannot be decoded. */
export async function decoded(page: PDFPageProxy, { source, matrix, ink }: FoundPicture): Promise<PlacedPicture | undefined> {
  const named = typeof source === 'string' ? await objectOf(page, source) : source;
  const data = typeof named?.data === 'string' ? (await objectOf(page, named.data))?.data : named?.data;
  if (named === undefined || data === undefined || data === null || typeof data === 'string') return undefined;
  const { width, height, kind } = named;
  if (ink !== undefined) return { width, height, matrix, ink, plane: bits(data, width, height, 255, 0) };
  const plane = kind === 1 ? bits(data, width, height, 0, 255) : shades(data, width * height, kind === 3 ? 4 : 3);
  return { width, height, matrix, plane };
}

function objectOf(page: PDFPageProxy, name: string): Promise<DecodedPicture | undefined> {
  const objects = name.startsWith('g_') ? page.commonObjs : page.objs;
  return new Promise((resolve) => {
    objects.get(name, (found: unknown) => resolve((found ?? undefined) as DecodedPicture | undefined));
  });
}

function bits(data: ArrayLike<number>, width: number, height: number, ofZero: number, ofOne: number): Uint8Array {
  const plane = new Uint8Array(width * height);
  const rowBytes = (width + 7) >> 3;
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += 1) {
      const byte = data[y * rowBytes + (x >> 3)] ?? 255;
      plane[at] = ((byte >> (7 - (x & 7))) & 1) === 1 ? ofOne : ofZero;
    }
  }
  return plane;
}

function shades(data: ArrayLike<number>, pixels: number, channels: 3 | 4): Uint8Array {
  const plane = new Uint8Array(pixels);
  for (let at = 0, from = 0; at < pixels; at += 1, from += channels) {
    const shade = ((data[from] ?? 255) * 77 + (data[from + 1] ?? 255) * 150 + (data[from + 2] ?? 255) * 29) >> 8;
    const opacity = channels === 4 ? (data[from + 3] ?? 255) : 255;
    plane[at] = 255 - ((255 - shade) * opacity) / 255;
  }
  return plane;
}

/** The shade of a colour as pdf.js says it, `#rrggbb`; a pattern counts as black. */
function shadeOf(colour: unknown): number {
  const [, red = '0', green = '0', blue = '0'] = /^#(..)(..)(..)/.exec(String(colour)) ?? [];
  return (parseInt(red, 16) * 77 + parseInt(green, 16) * 150 + parseInt(blue, 16) * 29) >> 8;
}
