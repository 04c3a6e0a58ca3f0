import { isFields, type Fields } from '../../../../kernel/fields.js';

/** What a name stands for. */
export type NamedKind = 'container' | 'file';

/** An object of a provider that an item names. */
export interface NamedObject {
  readonly kind: NamedKind;
  readonly name: string;
  /** Where it stands in the item, in the way that clients write it. */
  readonly place: string;
  /** A citation of a text names it: the text means the same without it. */
  readonly isCited: boolean;
}

/** What names stand in: a whole item, a part of a message's content, or an annotation of a part. */
export type Naming = 'item' | 'part' | 'annotation';

/** A way into an item: members by their names, and the entries of a list. */
type Way = readonly string[];

/** In a way: each entry of a list. */
const each = '*';

interface Place {
  readonly kind: NamedKind;
  readonly way: Way;
}

const ofAnnotation: readonly Place[] = [
  { kind: 'container', way: ['container_id'] },
  { kind: 'file', way: ['file_id'] },
];
const annotations: Way = ['annotations', each];
const ofPart = behind(annotations, ofAnnotation);
/** Lists of parts that an item has: a message's content, and what the call of a tool gave. */
const partLists: readonly Way[] = [
  ['content', each],
  ['output', each],
];
const places: Readonly<Record<Naming, readonly Place[]>> = {
  annotation: ofAnnotation,
  part: ofPart,
  item: [
    { kind: 'container', way: ['container_id'] },
    { kind: 'container', way: ['environment', 'container_id'] },
    { kind: 'file', way: ['results', each, 'file_id'] },
    ...partLists.flatMap((list) => behind(list, ofPart)),
  ],
};

/** All objects of a provider that are named. */
export function namesIn(value: Fields, naming: Naming = 'item'): NamedObject[] {
  const found: NamedObject[] = [];
  renamed(
    value,
    (named) => {
      found.push(named);
      return named.name;
    },
    naming,
  );
  return found;
}

/** The same with other names; itself where none changes. */
export function renamed(value: Fields, change: (named: NamedObject) => string, naming: Naming = 'item'): Fields {
  let changed = value;
  for (const { kind, way } of places[naming]) {
    const isCited = naming === 'annotation' || way.includes('annotations');
    const next = changedAt(changed, way, [], (name, at) =>
      typeof name === 'string' ? change({ kind, name, place: placeOf(at), isCited }) : name,
    );
    changed = next as Fields;
  }
  return changed;
}

/** The item without the annotations of its texts that are not wanted; itself where all are. */
export function withoutAnnotations(item: Fields, isWanted: (annotation: Fields) => boolean): Fields {
  let changed = item;
  for (const list of partLists) {
    const next = changedAt(changed, [...list, ...annotations], [], (annotation) =>
      isFields(annotation) && !isWanted(annotation) ? undefined : annotation,
    );
    changed = next as Fields;
  }
  return changed;
}

function behind(way: Way, inner: readonly Place[]): Place[] {
  return inner.map((place) => ({ ...place, way: [...way, ...place.way] }));
}

/** What a way leads to, as it is and where it stands. */
type Change = (value: unknown, at: readonly (string | number)[]) => unknown;

/** The value with what `way` leads to as `change` gives it; undefined takes an entry out of its list. */
function changedAt(value: unknown, way: Way, at: (string | number)[], change: Change): unknown {
  const step = way[at.length];
  if (step === undefined) return change(value, at);
  if (step === each) return Array.isArray(value) ? changedEntries(value, way, at, change) : value;
  const member = isFields(value) ? value[step] : undefined;
  if (member === undefined) return value;
  at.push(step);
  const next = changedAt(member, way, at, change);
  at.pop();
  return next === member ? value : { ...(value as Fields), [step]: next };
}

function changedEntries(list: readonly unknown[], way: Way, at: (string | number)[], change: Change): readonly unknown[] {
  let changed: unknown[] | undefined;
  list.forEach((entry, index) => {
    at.push(index);
    const next = changedAt(entry, way, at, change);
    at.pop();
    if (next !== entry) changed ??= list.slice(0, index);
    if (next !== undefined) changed?.push(next);
  });
  return changed ?? list;
}

function placeOf(at: readonly (string | number)[]): string {
  return at.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('');
}
