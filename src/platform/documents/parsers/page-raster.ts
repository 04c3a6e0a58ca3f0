/** A picture in shades of grey, row by row from the top: 0 is black, 255 white. */
export interface GreyPicture {
  readonly width: number;
  readonly height: number;
  readonly shades: Uint8Array;
}

/** A picture that lies on a page. */
export interface PlacedPicture {
  readonly width: number;
  readonly height: number;
  /** One byte for each pixel, row by row from the top: its shade, of a stencil how much of it is painted. */
  readonly plane: Uint8Array;
  /** Of a stencil: the shade in which it is painted. */
  readonly ink?: number;
  /** Takes the unit square, whose lower left corner is the picture's, to pixels of the page from its upper left corner. */
  readonly matrix: Matrix;
}

/** `[a, b, c, d, e, f]` as PDF has it: x' = a x + c y + e, y' = b x + d y + f. */
export type Matrix = readonly [number, number, number, number, number, number];

/** The matrix that does `second` after `first`. */
export function chained(second: Matrix, first: Matrix): Matrix {
  const [a, b, c, d, e, f] = second;
  const [g, h, i, j, k, l] = first;
  return [a * g + c * h, b * g + d * h, a * i + c * j, b * i + d * j, a * k + c * l + e, b * k + d * l + f];
}

/** Shades of so many points in a row are averaged, in both directions: more detail is lost to nobody. */
const mostSamples = 3;

/** A white page on which pictures are put, one over the other. */
export class PageRaster implements GreyPicture {
  readonly shades: Uint8Array;

  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.shades = new Uint8Array(width * height).fill(255);
  }

  put(picture: PlacedPicture): void {
    const inverse = inverted(picture.matrix);
    if (inverse === undefined) return;
    const { left, right, top, bottom } = this.boundsOf(picture.matrix);
    const sample = samplerOf(picture, inverse);
    for (let y = top; y < bottom; y += 1) {
      for (let x = left, at = y * this.width + left; x < right; x += 1, at += 1)
        this.shades[at] = sample(x, y, this.shades[at] ?? 255);
    }
  }

  private boundsOf([a, b, c, d, e, f]: Matrix): { left: number; right: number; top: number; bottom: number } {
    const xs = [e, e + a, e + c, e + a + c];
    const ys = [f, f + b, f + d, f + b + d];
    const within = (value: number, most: number): number => Math.max(0, Math.min(most, value));
    return {
      left: within(Math.floor(Math.min(...xs)), this.width),
      right: within(Math.ceil(Math.max(...xs)), this.width),
      top: within(Math.floor(Math.min(...ys)), this.height),
      bottom: within(Math.ceil(Math.max(...ys)), this.height),
    };
  }
}

function inverted([a, b, c, d, e, f]: Matrix): Matrix | undefined {
  const determinant = a * d - b * c;
  if (!Number.isFinite(determinant) || Math.abs(determinant) < 1e-9) return undefined;
  const [ia, ib, ic, id] = [d / determinant, -b / determinant, -c / determinant, a / determinant];
  return [ia, ib, ic, id, -(ia * e + ic * f), -(ib * e + id * f)];
}

/** How many points of a page's pixel are looked at in each direction, so that no fine line of a larger picture is lost. */
function samplesOf({ width, height, matrix: [a, b, c, d] }: PlacedPicture): number {
  const ratio = Math.max(width / Math.hypot(a, b), height / Math.hypot(c, d));
  return Math.max(1, Math.min(mostSamples, Math.round(ratio)));
}

/** Gives the shade of a page's pixel with the picture over it, from the shade under it. */
function samplerOf(picture: PlacedPicture, [a, b, c, d, e, f]: Matrix): (x: number, y: number, under: number) => number {
  const { width, height, plane, ink } = picture;
  const samples = samplesOf(picture);
  const all = samples * samples;
  return (x, y, under) => {
    let sum = 0;
    let hits = 0;
    for (let row = 0.5; row < samples; row += 1) {
      const py = y + row / samples;
      for (let column = 0.5; column < samples; column += 1) {
        const px = x + column / samples;
        const u = a * px + c * py + e;
        const v = b * px + d * py + f;
        if (u < 0 || u >= 1 || v < 0 || v >= 1) continue;
        // Rows are counted from the top, the unit square's height from below.
        const line = Math.min(height - 1, Math.floor((1 - v) * height));
        sum += plane[line * width + Math.floor(u * width)] ?? 255;
        hits += 1;
      }
    }
    if (ink === undefined) return (sum + under * (all - hits)) / all;
    const coverage = sum / (255 * all);
    return under * (1 - coverage) + ink * coverage;
  };
}
