import type { Passage } from './passage.js';
import { overlapLength } from './overlap.js';

/** Shorter repetitions are chance. */
const shortestOverlap = 16;

/**
 * The first `limit` passages of which none says again what an earlier one said: a text that stands in several places or
 * files comes once, and of two neighbours of one file the later in the list loses the overlap that chunks share. A
 * neighbour that held nothing else is left out.
 */
export function distinctPassages(passages: readonly Passage[], limit: number): Passage[] {
  const chosen: Passage[] = [];
  const originals = new Map<string, string>();
  const texts = new Set<string>();
  for (const passage of passages) {
    if (chosen.length >= limit) break;
    const plain = passage.text.replace(/\s+/g, ' ').trim();
    if (plain === '' || texts.has(plain)) continue;
    const neighbour = (step: number): string | undefined => originals.get(place(passage, step));
    const text = withoutOverlaps(passage.text, neighbour(-1), neighbour(1));
    if (text.trim() === '') continue;
    texts.add(plain);
    originals.set(place(passage, 0), passage.text);
    chosen.push(text === passage.text ? passage : { ...passage, text });
  }
  return chosen;
}

function place({ fileId, ingestionId, ordinal }: Passage, step: number): string {
  return JSON.stringify([fileId, ingestionId, ordinal + step]);
}

function withoutOverlaps(text: string, before: string | undefined, after: string | undefined): string {
  const head = before === undefined ? 0 : meaningful(overlapLength(before, text));
  const rest = text.slice(head);
  const tail = after === undefined ? 0 : meaningful(overlapLength(rest, after));
  return rest.slice(0, rest.length - tail);
}

function meaningful(length: number): number {
  return length < shortestOverlap ? 0 : length;
}
