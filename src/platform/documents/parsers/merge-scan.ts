import { areaOf } from './sheet-address.js';
import type { MergedArea } from './merged-cells.js';

/** A sheet names no more areas than this. */
const mostAreas = 100_000;
const longestMark = 256;
const mark = /<(?:\w+:)?mergeCell\s[^<>]{0,100}?ref\s*=\s*["']([^"'<>]{1,50})["']/g;

/**
 * The merged areas of a sheet. They stand behind its rows, so that the part is read once before; nothing but them is looked
 * for, which costs little.
 */
export async function mergedAreas(pieces: AsyncIterable<string>): Promise<MergedArea[]> {
  const areas: MergedArea[] = [];
  let rest = '';
  for await (const piece of pieces) {
    const text = rest + piece;
    let end = 0;
    for (const match of text.matchAll(mark)) {
      const area = areaOf(match[1] ?? '');
      end = match.index + match[0].length;
      if (area !== undefined && areas.push(area) >= mostAreas) return areas;
    }
    rest = text.slice(Math.max(end, text.length - longestMark));
  }
  return areas;
}
