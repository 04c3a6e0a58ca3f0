import { AppError } from '../../../../kernel/app-error.js';
import type { Fields } from '../../../../kernel/fields.js';
import { timeOfId } from '../../../../kernel/ids.js';
import { isOwnCitation, isOwnSearch } from '../../../conversations/own-search.js';
import type { EndpointSeals } from '../../call/content-seals.js';
import { typeForHeader } from '../chat/opened-items.js';
import { namesIn, renamed, withoutAnnotations, type NamedKind, type NamedObject, type Naming } from './named-places.js';

/** What stands before a name, as it does before the provider's own; the last one where that has another. */
const prefixes: Readonly<Record<NamedKind, readonly string[]>> = { container: ['cntr_'], file: ['cfile_', 'file-'] };
/** Types of annotations that name files. */
const citations = ['container_file_citation', 'file_citation', 'file_path'] as const;

/** What a name stands for: the provider's own, where it was given to this key and the provider knows it still. */
type OpenedName = { readonly state: 'open'; readonly id: string } | { readonly state: 'left' | 'foreign' };
const foreign: OpenedName = { state: 'foreign' };

/**
 * The containers in which a provider has run the calls of tools, and the files that it has made or found there, under names of
 * the platform. A name holds the provider's own, sealed for the endpoint and the key: who has it without having been given it can
 * use it for nothing.
 */
export class ProviderNames {
  /** So that an object has one name in all events of an answer. */
  private readonly given = new Map<string, string>();
  /** Each name is opened once, however often it is cited. */
  private readonly found = new Map<string, OpenedName>();

  constructor(
    private readonly seals: EndpointSeals,
    private readonly keyId: string,
  ) {}

  /** A provider's item, or a piece of one, with the names that its client may know. */
  shown(value: Fields, naming?: Naming): Fields {
    return renamed(value, (named) => this.nameOf(named), naming);
  }

  /** @throws AppError not_found for a container or a file that was not given to this key by this endpoint. */
  refuseForeign(given: readonly Fields[]): void {
    given.forEach((item, at) => {
      const named = providersNames(item).find((one) => this.open(one).state === 'foreign');
      if (named === undefined) return;
      const message = `No such ${named.kind}: '${named.name.slice(0, 128)}'.`;
      throw new AppError('not_found', { param: `input[${at}].${named.place}`, message });
    });
  }

  /**
   * Items as the provider gets them. A call whose container is not this key's, or was another model's, is left out with its
   * output and with the reasoning that led to it, which a provider refuses by itself; of a message only the citation is.
   */
  opened(items: readonly Fields[]): { readonly items: readonly Fields[]; readonly leftOut: readonly string[] } {
    if (!items.some(namesObject)) return { items, leftOut: [] };
    const isOpen = (named: NamedObject): boolean => this.open(named).state === 'open';
    const left = new Set(items.filter((item) => namesIn(item).some((named) => !named.isCited && !isOpen(named))));
    const calls = new Set([...left].map((item) => item['call_id']).filter((id) => typeof id === 'string'));
    const thoughts = reasoningBefore(items, left);
    const leftOut = [...left, ...thoughts].map(typeForHeader);
    const wanted = (annotation: Fields): boolean => {
      if (isOwnCitation(annotation)) return false;
      const isWanted = namesIn(annotation, 'annotation').every(isOpen);
      if (!isWanted) leftOut.push(citations.find((type) => type === annotation['type']) ?? 'annotation');
      return isWanted;
    };
    const kept = items.filter((item) => !left.has(item) && !calls.has(item['call_id'] as string) && !thoughts.has(item));
    return {
      items: kept.map((item) => renamed(withoutAnnotations(item, wanted), (named) => this.idOf(named))),
      leftOut: [...new Set(leftOut)],
    };
  }

  private nameOf({ kind, name: id }: NamedObject): string {
    const known = `${kind} ${id}`;
    let name = this.given.get(known);
    if (name === undefined) {
      name = prefixOf(kind, id) + this.seals.seal(kind, { id, key: this.keyId });
      this.given.set(known, name);
      // An answer in one piece is shown before it is told as a stream.
      this.given.set(`${kind} ${name}`, name);
    }
    return name;
  }

  private idOf(named: NamedObject): string {
    const found = this.open(named);
    return found.state === 'open' ? found.id : named.name;
  }

  private open(named: NamedObject): OpenedName {
    const known = `${named.kind} ${named.name}`;
    let found = this.found.get(known);
    if (found === undefined) this.found.set(known, (found = this.unsealed(named)));
    return found;
  }

  private unsealed(named: NamedObject): OpenedName {
    const sealed = sealedIn(named);
    if (sealed === undefined) return foreign;
    const opened = this.seals.open(named.kind, sealed);
    if (opened.state !== 'open') return opened;
    const { id, key } = opened.content;
    return key === this.keyId ? { state: 'open', id: String(id) } : foreign;
  }
}

/** True for an item that names a provider's container or file. */
export function namesObject(item: Fields): boolean {
  return namesIn(item).length > 0;
}

/** The names of a provider's objects in an item: what the platform itself has searched and cited is its own. */
function providersNames(item: Fields): NamedObject[] {
  return isOwnSearch(item) ? [] : namesIn(item).filter(({ name, isCited }) => !isCited || timeOfId('file', name) === undefined);
}

/** The reasoning that stands directly before one of these items. */
function reasoningBefore(items: readonly Fields[], left: ReadonlySet<Fields>): ReadonlySet<Fields> {
  const found = new Set<Fields>();
  let leads = false;
  for (const item of items.toReversed()) {
    leads = left.has(item) || (leads && item['type'] === 'reasoning');
    if (leads && !left.has(item)) found.add(item);
  }
  return found;
}

/** The sealed texts in the names that an item has. */
export function sealedNames(item: Fields): { readonly kind: NamedKind; readonly text: string }[] {
  return providersNames(item).flatMap((named) => {
    const text = sealedIn(named);
    return text === undefined ? [] : [{ kind: named.kind, text }];
  });
}

/** What stands behind the prefix of a name; undefined for what is none. */
function sealedIn({ kind, name }: NamedObject): string | undefined {
  const prefix = prefixes[kind].find((text) => name.startsWith(text));
  return prefix === undefined ? undefined : name.slice(prefix.length);
}

function prefixOf(kind: NamedKind, id: string): string {
  const all = prefixes[kind];
  return all.find((prefix) => id.startsWith(prefix)) ?? all.at(-1) ?? '';
}
