import { z } from 'zod';

/** Text that the database can hold as JSON: no half of a character. */
export const wholeText = (most: number): z.ZodString =>
  z
    .string()
    .max(most)
    .regex(/^\P{Cs}*$/u, 'holds half of a character');

const attributeKey = wholeText(64);
const attributeValue = z.union([wholeText(512), z.number(), z.boolean()]);

/** What a client says of a file in a store: at most 16 pairs. */
export const fileAttributes = z
  .record(attributeKey, attributeValue)
  .refine((pairs) => Object.keys(pairs).length <= 16, 'may hold at most 16 pairs')
  .describe('At most 16 pairs: keys of at most 64 characters; texts of at most 512, numbers, true and false.');

/** Attributes as they are shown. */
export const shownAttributes = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/** How deep conditions may stand in each other. */
const mostLevels = 6;
const mostConditions = 100;
const mostValues = 1_000;

const key = attributeKey.describe('The name of an attribute.');

const comparisons = [
  z
    .strictObject({
      type: z.enum(['eq', 'ne']).describe('Whether the attribute has the value, or has it not.'),
      key,
      value: attributeValue.describe('What it is compared with.'),
    })
    .meta({ id: 'EqualityFilter', description: 'A comparison with one value.' }),
  z
    .strictObject({
      type: z
        .enum(['gt', 'gte', 'lt', 'lte'])
        .describe('How the attribute stands to the value: numbers by size, texts by their characters.'),
      key,
      value: z.union([wholeText(512), z.number()]).describe('What it is compared with.'),
    })
    .meta({ id: 'OrderFilter', description: 'A comparison by size.' }),
  z
    .strictObject({
      type: z.enum(['in', 'nin']).describe('Whether the attribute is one of the values, or none of them.'),
      key,
      value: z.array(attributeValue).max(mostValues).describe('The values.'),
    })
    .meta({ id: 'SetFilter', description: 'A comparison with several values.' }),
] as const;

/** A condition on one attribute. */
export type ComparisonFilter = z.infer<(typeof comparisons)[number]>;

export interface CompoundFilter {
  readonly type: 'and' | 'or';
  readonly filters: readonly StoreFilter[];
}

/** Which files a search looks at, by their attributes. */
export type StoreFilter = ComparisonFilter | CompoundFilter;

function conditionsOf(filter: StoreFilter): number {
  return 'filters' in filter ? filter.filters.reduce((sum, each) => sum + conditionsOf(each), 1) : 1;
}

function level(levels: number): z.ZodType<StoreFilter> {
  const inner = levels === 1 ? z.discriminatedUnion('type', [...comparisons]) : level(levels - 1);
  return z.discriminatedUnion('type', [
    ...comparisons,
    z.strictObject({
      type: z.enum(['and', 'or']).describe('Whether all conditions are to hold, or one at least.'),
      filters: z.array(inner).max(mostConditions).describe('The conditions.'),
    }),
  ]) as z.ZodType<StoreFilter>;
}

/** OpenAI's filters: comparisons, and `and` and `or` of them, within each other. */
export const storeFilter = level(mostLevels)
  .refine((filter) => conditionsOf(filter) <= mostConditions, `may have at most ${mostConditions} conditions`)
  .meta({ id: 'StoreFilter', description: 'Which files are looked at, by their attributes.' });
