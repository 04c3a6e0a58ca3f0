import { isFields } from '../../../kernel/fields.js';
import { withPiece } from '../wire/further-members.js';

/** Kinds of parts that hold text: several in a row are pieces of one. */
const textual = new Set(['text', 'thinking', 'reasoning']);

/**
 * The parts of a streamed content so far, and those of one delta. A part of text or thought goes on in the next part of its
 * kind; all other parts come whole. A change of `index` begins another part.
 * @param parts grows in place: an answer may come in very many parts.
 * @returns the same list.
 */
export function grownParts(parts: unknown[], more: readonly unknown[]): unknown[] {
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
  const others: Record<string, unknown> = {};
  const grown: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(part)) {
    const earlier = last[name];
    // What a model thinks is itself a list of parts.
    if (Array.isArray(value) && Array.isArray(earlier))
      grown[name] = grownParts(earlier as unknown[], value as readonly unknown[]);
    else others[name] = value;
  }
  return { ...withPiece(last, others), ...grown };
}
