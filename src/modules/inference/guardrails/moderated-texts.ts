import type { Steps } from '../../../kernel/steps.js';
import { BodyTexts } from './body-texts.js';
import { piecesOf } from './string-pieces.js';

/** What a moderation model takes at once. */
const longestInput = 16_000;
/** So many of them are asked for at the most: a million characters. */
export const mostInputs = 64;

/** The texts of a body as inputs of a moderation, short ones joined; one more than `mostInputs` where they are too many. */
export function* moderatedTexts(bytes: Buffer): Steps<readonly string[]> {
  const inputs: string[] = [];
  let open = '';
  for (const span of new BodyTexts(bytes).strings()) {
    if (span === undefined) {
      yield;
      continue;
    }
    for (const piece of piecesOf(bytes, span)) {
      if (open.length + piece.length >= longestInput) {
        if (open !== '') inputs.push(open);
        open = '';
        yield;
      }
      open += open === '' ? piece : `\n${piece}`;
      if (inputs.length > mostInputs) return inputs;
    }
  }
  if (open.trim() !== '') inputs.push(open);
  return inputs;
}
