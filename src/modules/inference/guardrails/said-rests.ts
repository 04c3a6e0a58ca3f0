import { isFields, type Fields } from '../../../kernel/fields.js';
import type { Path } from './changed-texts.js';

/** What was held back of a text. */
export interface Rest {
  /** The text's place in its choice, or in its typed event. */
  readonly path: Path;
  readonly text: string;
  /** The newest chunk that said something, or what tells the place of a typed event. */
  readonly event: Fields;
}

/** A chunk that says these rests of one choice. */
export function chunkSaying(index: number, rests: readonly Rest[]): Fields {
  const choice = { index, ...saying(rests), logprobs: null, finish_reason: null };
  return { ...rests.at(-1)?.event, choices: [choice], usage: undefined };
}

/** A typed event that says these rests of one place. */
export function deltaSaying(rests: readonly Rest[]): Fields {
  return { ...rests.at(-1)?.event, ...saying(rests) };
}

function saying(rests: readonly Rest[]): Fields {
  const said = bare();
  for (const { path, text } of rests) put(said, path, text);
  return said;
}

type Bare = Record<string, unknown>;

/** An object that has no members but its own: providers choose the names, and one may be `__proto__` or `constructor`. */
function bare(members: Fields = {}): Bare {
  return Object.assign(Object.create(null) as Bare, members);
}

/** Puts a text at its place; an element of a list has its index. */
function put(into: Bare, [name, next, ...further]: Path, text: string): void {
  if (name === undefined) return;
  if (next === undefined) into[name] = text;
  else if (typeof next === 'string') put((into[name] ??= bare()) as Bare, [next, ...further], text);
  else {
    const list = (into[name] ??= []) as unknown[];
    if (further.length === 0) {
      list.push(text);
      return;
    }
    let element = list.filter(isFields).find(({ index }) => index === next);
    if (element === undefined) list.push((element = bare({ index: next })));
    put(element as Bare, further, text);
  }
}
