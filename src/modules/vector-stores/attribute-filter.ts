import type { ComparisonFilter, StoreFilter } from '../../contracts/vector-store-filters.js';
import { Prisma } from '../../platform/database/generated/client.js';
import type { Attributes, AttributeValue } from './attachment-record.js';

/**
 * The condition as SQL on `attributes` of the row `i`. A file that has not the attribute is not equal to, not among, and neither
 * above nor below any value; so is one whose attribute is of another type.
 */
export function filterSql(filter: StoreFilter): Prisma.Sql {
  if ('filters' in filter) {
    if (filter.filters.length === 0) return filter.type === 'and' ? Prisma.sql`true` : Prisma.sql`false`;
    return Prisma.sql`(${Prisma.join(filter.filters.map(filterSql), filter.type === 'and' ? ' and ' : ' or ')})`;
  }
  const { key } = filter;
  switch (filter.type) {
    case 'eq':
    case 'ne':
      return negated(filter.type === 'ne', isOneOf(key, [filter.value]));
    case 'in':
    case 'nin':
      return negated(filter.type === 'nin', isOneOf(key, filter.value));
    default:
      return compared(key, filter.value, operators[filter.type]);
  }
}

/** Whether attributes fulfil the condition: what `filterSql` asks of the database. */
export function matches(filter: StoreFilter, attributes: Attributes): boolean {
  if ('filters' in filter) {
    const holds = (each: StoreFilter): boolean => matches(each, attributes);
    return filter.type === 'and' ? filter.filters.every(holds) : filter.filters.some(holds);
  }
  const value = Object.hasOwn(attributes, filter.key) ? attributes[filter.key] : undefined;
  return holdsFor(filter, value);
}

type Order = Extract<ComparisonFilter['type'], 'gt' | 'gte' | 'lt' | 'lte'>;

const operators: Readonly<Record<Order, Prisma.Sql>> = {
  gt: Prisma.sql`>`,
  gte: Prisma.sql`>=`,
  lt: Prisma.sql`<`,
  lte: Prisma.sql`<=`,
};

function holdsFor(filter: ComparisonFilter, value: AttributeValue | undefined): boolean {
  switch (filter.type) {
    case 'eq':
      return value === filter.value;
    case 'ne':
      return value !== filter.value;
    case 'in':
      return value !== undefined && filter.value.includes(value);
    case 'nin':
      return value === undefined || !filter.value.includes(value);
    default:
      return isOrdered(filter.type, value, filter.value);
  }
}

function isOrdered(type: Order, value: AttributeValue | undefined, than: string | number): boolean {
  if (typeof value !== typeof than) return false;
  const order =
    typeof than === 'number' ? Number(value) - than || 0 : Buffer.compare(Buffer.from(String(value)), Buffer.from(than));
  return { gt: order > 0, gte: order >= 0, lt: order < 0, lte: order <= 0 }[type];
}

function negated(isNegated: boolean, condition: Prisma.Sql): Prisma.Sql {
  return isNegated ? Prisma.sql`not ${condition}` : condition;
}

function isOneOf(key: string, values: readonly AttributeValue[]): Prisma.Sql {
  return Prisma.sql`coalesce(i.attributes -> ${key}::text in (select jsonb_array_elements(${JSON.stringify(values)}::jsonb)), false)`;
}

/** Numbers by size, texts by their code points: by the database's own order of a language two of them would be as good as equal. */
function compared(key: string, value: string | number, operator: Prisma.Sql): Prisma.Sql {
  const attribute = Prisma.sql`i.attributes ->> ${key}::text`;
  const isType = Prisma.sql`jsonb_typeof(i.attributes -> ${key}::text) = ${typeof value}`;
  if (typeof value === 'number')
    return Prisma.sql`(case when ${isType} then (${attribute})::numeric ${operator} ${String(value)}::numeric else false end)`;
  return Prisma.sql`(case when ${isType} then (${attribute}) collate "C" ${operator} ${value}::text collate "C" else false end)`;
}
