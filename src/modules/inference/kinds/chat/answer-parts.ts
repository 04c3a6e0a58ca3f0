import { isFields } from '../../../../kernel/fields.js';
import { withPiece } from './further-members.js';

/** Kinds of parts that hold text: several in a row are pieces of one. */
const textual = new Set(['text', 'thinking', 'reasoning']);

/**
 * The parts of a streamed content so far, and those of one delta. A part of text or thought goes on in the next part of its
 * kind; all other parts come whole. A change of `index` begins another part.
 */
export function grownParts(before: readonly unknown[], more: readonly unknown[]): unknown[] {
  const parts = [...before];
  for (const part of more) {
    const last = parts.at(-1);
    if (goesOn(last, part)) parts[parts.length - 1] = continued(last, part);
    else parts.push(part);
  }
  return parts;
}

function goesOn(last: unknown, part: unknown): boolean {
  if (!isFields(last) || !isFields(part)) return false;
  return textual.has(String(part['type'])) && last['type'] === part['type'] && last['index'] === part['index'];
}

function continued(last: unknown, part: unknown): unknown {
  if (!isFields(last) || !isFields(part)) return part;
  const merged: Record<string, unknown> = { ...withPiece(last, part) };
  // What a model thinks is itself a list of parts.
  for (const [name, value] of Object.entries(part)) {
    const earlier = last[name];
    if (Array.isArray(value) && Array.isArray(earlier)) merged[name] = grownParts(earlier, value);
  }
  return merged;
}
