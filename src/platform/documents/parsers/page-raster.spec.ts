import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chained, PageRaster, type Matrix } from './page-raster.js';

const sizes = fc.integer({ min: 1, max: 12 });
const pictures = fc.tuple(sizes, sizes).chain(([width, height]) =>
  fc.record({
    width: fc.constant(width),
    height: fc.constant(height),
    plane: fc.uint8Array({ minLength: width * height, maxLength: width * height }),
  }),
);

/** Takes the unit square to a whole page of this size, upright: rows are counted from the top, the square from below. */
const upright = (width: number, height: number): Matrix => [width, 0, 0, -height, 0, height];

describe('a page of pictures', () => {
  it('shows a picture of its own size as it is', () => {
    fc.assert(
      fc.property(pictures, ({ width, height, plane }) => {
        const page = new PageRaster(width, height);
        page.put({ width, height, plane, matrix: upright(width, height) });
        expect([...page.shades]).toEqual([...plane]);
      }),
    );
  });

  it('shows a picture that was put upside down and turned back as it is', () => {
    fc.assert(
      fc.property(pictures, ({ width, height, plane }) => {
        const page = new PageRaster(width, height);
        const turned: Matrix = [-1, 0, 0, -1, 1, 1];
        const matrix = chained(chained(upright(width, height), turned), turned);
        page.put({ width, height, plane, matrix });
        expect([...page.shades]).toEqual([...plane]);
        const reversed = new PageRaster(width, height);
        reversed.put({ width, height, plane, matrix: chained(upright(width, height), turned) });
        expect([...reversed.shades]).toEqual([...plane].reverse());
      }),
    );
  });

  it('is the same of strips that lie one below the other', () => {
    fc.assert(
      fc.property(pictures, ({ width, height, plane }) => {
        const page = new PageRaster(width, height);
        for (let row = 0; row < height; row += 1) {
          const strip = plane.subarray(row * width, (row + 1) * width);
          page.put({ width, height: 1, plane: strip, matrix: [width, 0, 0, -1, 0, row + 1] });
        }
        expect([...page.shades]).toEqual([...plane]);
      }),
    );
  });

  it('takes the ink of a stencil where it is painted, and what lies below it elsewhere', () => {
    const page = new PageRaster(2, 1);
    page.put({ width: 2, height: 1, plane: Uint8Array.of(200, 100), matrix: upright(2, 1) });
    page.put({ width: 2, height: 1, plane: Uint8Array.of(255, 0), ink: 7, matrix: upright(2, 1) });
    expect([...page.shades]).toEqual([7, 100]);
  });

  it('keeps fine lines of a picture that is larger, as a shade', () => {
    const page = new PageRaster(1, 1);
    page.put({ width: 2, height: 2, plane: Uint8Array.of(0, 255, 0, 255), matrix: upright(1, 1) });
    expect(page.shades[0]).toBe(127);
  });

  it('survives a picture at any place whatever, which changes nothing but the page', () => {
    const anything = fc.oneof(fc.double(), fc.constantFrom(0, 1e-12, 1e308, -1e308, Infinity, NaN), fc.integer());
    const matrices = fc.tuple(anything, anything, anything, anything, anything, anything);
    fc.assert(
      fc.property(pictures, matrices, (picture, matrix) => {
        const page = new PageRaster(5, 4);
        page.put({ ...picture, matrix });
        expect(page.shades).toHaveLength(20);
      }),
    );
  });
});
