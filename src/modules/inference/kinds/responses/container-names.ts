import { AppError } from '../../../../kernel/app-error.js';
import { isFields, type Fields } from '../../../../kernel/fields.js';
import type { EndpointSeals, OpenedContent } from '../../call/content-seals.js';

/** Stands before the name of a container, as it does before the provider's own. */
const prefix = 'cntr_';
const plainType = /^[a-z_]{1,64}$/;

/** A container that an item names, and where. */
interface NamedContainer {
  readonly place: 'container_id' | 'environment.container_id';
  readonly name: string;
}

/**
 * The containers in which a provider has run the calls of tools, under names of the platform. A name holds the provider's own,
 * sealed for the endpoint and the key: who has it without having been given it can use it for nothing.
 */
export class ContainerNames {
  /** So that a container has one name in all events of an answer. */
  private readonly given = new Map<string, string>();

  constructor(
    private readonly seals: EndpointSeals,
    private readonly keyId: string,
  ) {}

  /** A provider's item with the names that its client may know. */
  shown(item: Fields): Fields {
    return withContainers(item, (id) => this.nameOf(id));
  }

  /** @throws AppError not_found for a container that was not given to this key by this endpoint. */
  refuseForeign(given: readonly Fields[]): void {
    given.forEach((item, at) => {
      for (const { place, name } of containersOf(item)) {
        if (this.open(name).state !== 'foreign') continue;
        const message = `No such container: '${name.slice(0, 128)}'.`;
        throw new AppError('not_found', { param: `input[${at}].${place}`, message });
      }
    });
  }

  /**
   * Items as the provider gets them. A call whose container is not this key's, or was another model's, is left out with its
   * output.
   */
  opened(items: readonly Fields[]): { readonly items: readonly Fields[]; readonly leftOut: readonly string[] } {
    if (!items.some(namesContainer)) return { items, leftOut: [] };
    const left = new Set(items.filter((item) => containersOf(item).some(({ name }) => this.open(name).state !== 'open')));
    const calls = new Set([...left].map((item) => item['call_id']).filter((id) => typeof id === 'string'));
    const kept = items.filter((item) => !left.has(item) && !calls.has(item['call_id'] as string));
    return {
      items: kept.map((item) => withContainers(item, (name) => this.idOf(name))),
      leftOut: [...left].map(({ type }) => (typeof type === 'string' && plainType.test(type) ? type : 'item')),
    };
  }

  private nameOf(id: string): string {
    let name = this.given.get(id);
    if (name === undefined) {
      name = prefix + this.seals.seal('container', { id, key: this.keyId });
      this.given.set(id, name);
    }
    return name;
  }

  private idOf(name: string): string {
    const found = this.open(name);
    return found.state === 'open' ? String(found.content['id']) : name;
  }

  private open(name: string): OpenedContent {
    const found = name.startsWith(prefix) ? this.seals.open('container', name.slice(prefix.length)) : undefined;
    if (found === undefined) return { state: 'foreign' };
    return found.state === 'open' && found.content['key'] !== this.keyId ? { state: 'foreign' } : found;
  }
}

/** True for an item that names a container. */
export function namesContainer(item: Fields): boolean {
  return containersOf(item).length > 0;
}

/** The sealed texts in the names of an item's containers. */
export function sealedContainers(item: Fields): string[] {
  return containersOf(item).flatMap(({ name }) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []));
}

function containersOf({ container_id: own, environment }: Fields): readonly NamedContainer[] {
  const named: NamedContainer[] = [];
  if (typeof own === 'string') named.push({ place: 'container_id', name: own });
  const inside = isFields(environment) ? environment['container_id'] : undefined;
  if (typeof inside === 'string') named.push({ place: 'environment.container_id', name: inside });
  return named;
}

function withContainers(item: Fields, change: (name: string) => string): Fields {
  let changed = item;
  for (const { place, name } of containersOf(item)) {
    if (place === 'container_id') changed = { ...changed, container_id: change(name) };
    else changed = { ...changed, environment: { ...(item['environment'] as Fields), container_id: change(name) } };
  }
  return changed;
}
