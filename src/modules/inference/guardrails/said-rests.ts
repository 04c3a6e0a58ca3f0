import type { Fields } from '../../../kernel/fields.js';
import type { Path } from './changed-texts.js';

/** What was held back of a text, and the text's place in a delta. */
export interface Rest {
  readonly path: Path;
  readonly text: string;
}

/** A chunk like the given one that says these rests of one choice. */
export function chunkSaying(chunk: Fields, index: string, rests: readonly Rest[]): Fields {
  const [first] = rests;
  const isLegacy = first?.path[0] === 'text';
  const said = isLegacy ? { text: first?.text } : { delta: deltaOf(rests) };
  const choice = { index: Number(index), ...said, logprobs: null, finish_reason: null };
  return { ...chunk, choices: [choice], usage: undefined };
}

function deltaOf(rests: readonly Rest[]): Fields {
  const delta: Record<string, unknown> = {};
  for (const { path, text } of rests) put(delta, path, text);
  return delta;
}

/** Puts a text at its place; an element of a list has its index. */
function put(into: Record<string, unknown>, [name, next, ...further]: Path, text: string): void {
  if (name === undefined) return;
  if (next === undefined) into[name] = text;
  else if (typeof next === 'string') put((into[name] ??= {}) as Record<string, unknown>, [next, ...further], text);
  else {
    const list = (into[name] ??= []) as Record<string, unknown>[];
    let element = list.find(({ index }) => index === next);
    if (element === undefined) list.push((element = { index: next }));
    put(element, further, text);
  }
}
