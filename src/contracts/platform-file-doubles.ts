import { budgetName } from './budgets.js';
import { priceName } from './prices.js';

interface Named {
  readonly name?: string | undefined;
  readonly alias?: string | undefined;
  readonly slug?: string | undefined;
}

interface PriceEntry {
  readonly provider?: string | undefined;
  readonly connection?: string | undefined;
  readonly model: string;
  readonly valid_from: number | null;
}

interface NamedTenant {
  readonly slug: string;
  readonly hosts?: readonly string[] | undefined;
  readonly connections: readonly Named[];
  readonly prices?: readonly PriceEntry[] | undefined;
  readonly datasets: readonly Named[];
  readonly presets: readonly Named[];
  readonly agents: readonly Named[];
  readonly endpoints: readonly (Named & { readonly default: boolean })[];
  readonly keys: readonly Named[];
  readonly budgets?: readonly Parameters<typeof budgetName>[0][] | undefined;
}

const identities = {
  connections: 'name',
  datasets: 'alias',
  presets: 'slug',
  agents: 'name',
  endpoints: 'name',
  keys: 'name',
} as const;

/** Tells of each place where a file says two things of one object: names and hosts given twice, two default endpoints. */
export function findDoubles(
  file: { readonly prices?: readonly PriceEntry[] | undefined; readonly tenants: readonly NamedTenant[] },
  fault: (path: (string | number)[], message: string) => void,
): void {
  findDoubleNames(file.prices, { path: ['prices'], nameOf: priceName, field: 'model' }, fault);
  const slugs = new Doubles();
  const hosts = new Doubles();
  for (const [at, tenant] of file.tenants.entries()) {
    const path = ['tenants', at];
    if (slugs.isDouble(tenant.slug)) fault([...path, 'slug'], `names the tenant ${tenant.slug} a second time`);
    for (const [hostAt, host] of (tenant.hosts ?? []).entries()) {
      if (hosts.isDouble(host)) fault([...path, 'hosts', hostAt], `gives the host ${host} to a second tenant`);
    }
    for (const [section, field] of Object.entries(identities) as [keyof typeof identities, 'name' | 'alias' | 'slug'][]) {
      const names = new Doubles();
      for (const [entryAt, entry] of tenant[section].entries()) {
        const name = entry[field] ?? '';
        if (names.isDouble(name))
          fault([...path, section, entryAt, field], `is given twice: another of the ${section} is named "${name}" too`);
      }
    }
    findDoubleNames(tenant.prices, { path: [...path, 'prices'], nameOf: priceName, field: 'model' }, fault);
    findDoubleNames(tenant.budgets, { path: [...path, 'budgets'], nameOf: budgetName, field: 'window' }, fault);
    const defaults = tenant.endpoints.flatMap((endpoint, endpointAt) => (endpoint.default ? [endpointAt] : []));
    for (const endpointAt of defaults.slice(1))
      fault([...path, 'endpoints', endpointAt, 'default'], 'is true on a second endpoint of this tenant');
  }
}

/** @param path the place of the section, whose own name is the last of it. */
function findDoubleNames<Entry>(
  entries: readonly Entry[] = [],
  {
    path,
    nameOf,
    field,
  }: { readonly path: readonly (string | number)[]; readonly nameOf: (entry: Entry) => string; readonly field: string },
  fault: (path: (string | number)[], message: string) => void,
): void {
  const names = new Doubles();
  for (const [at, entry] of entries.entries()) {
    const name = nameOf(entry);
    if (names.isDouble(name)) fault([...path, at, field], `is given twice: another of the ${path.at(-1) ?? ''} is "${name}" too`);
  }
}

class Doubles {
  private readonly seen = new Set<string>();

  /** True from the second time on. */
  isDouble(name: string): boolean {
    if (this.seen.has(name)) return true;
    this.seen.add(name);
    return false;
  }
}
