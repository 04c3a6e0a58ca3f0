import { z } from 'zod';

/** Amounts of money are whole micro-units: so many are one unit of the currency. */
export const microsPerUnit = 1_000_000;

/** 100,000 units of the currency: no price is higher, so that sums stay exact. */
const mostMicros = 100_000 * microsPerUnit;

/** One price, in micro-units of the currency. */
const amount = z
  .number()
  .int({ error: 'must be a whole number of micro-units: 150000 are 0.15 units of the currency' })
  .min(0)
  .max(mostMicros);

const tokenAmounts = {
  input: amount.optional().describe('Of 1,000,000 tokens of input, embedded texts among them.'),
  cached_input: amount
    .optional()
    .describe("Of 1,000,000 tokens of input that were read from the provider's cache; absent: as `input`."),
  cache_write: amount
    .optional()
    .describe("Of 1,000,000 tokens of input that were written to the provider's cache; absent: as `input`."),
  output: amount.optional().describe('Of 1,000,000 tokens of output.'),
  reasoning: amount.optional().describe('Of 1,000,000 tokens of output that were reasoning; absent: as `output`.'),
};

const longInput = z
  .strictObject({
    above: z.number().int().min(1).max(100_000_000).describe('Holds for calls with more tokens of input than these.'),
    ...tokenAmounts,
  })
  .describe('What of a call with a long input costs otherwise, all its tokens counted; absent prices are as above.');

/** A provider's prices of one model. What is absent is not priced. */
export const priceAmounts = z
  .strictObject({
    ...tokenAmounts,
    audio_hour: amount.optional().describe('Of an hour of sound that was read.'),
    characters: amount.optional().describe('Of 1,000,000 characters that were spoken.'),
    image: amount.optional().describe('Of an image that was made.'),
    image_sizes: z
      .record(z.string().regex(/^[\w.:/-]{1,32}$/, 'must be a size like 1024x1024'), amount)
      .refine((sizes) => Object.keys(sizes).length <= 32, 'must have at most 32 sizes')
      .optional()
      .describe('Of an image of a size, where that differs from `image`.'),
    long_input: longInput.optional(),
    batch_discount: z
      .number()
      .int()
      .min(0)
      .max(1000)
      .optional()
      .describe("By how many thousandths a call in a provider's batch is cheaper; absent: by none."),
  })
  .refine(prices, 'must have at least one price')
  .meta({
    id: 'PriceAmounts',
    description:
      'Prices in micro-units: 1,000,000 are one unit of the currency. They are given as a whole; what is absent is not priced.',
    examples: [{ input: 150_000, cached_input: 75_000, output: 600_000, batch_discount: 500 }],
  });

export type PriceAmounts = z.infer<typeof priceAmounts>;

function prices({
  batch_discount: _discount,
  long_input: _long,
  image_sizes: sizes = {},
  ...rest
}: object & {
  readonly batch_discount?: unknown;
  readonly long_input?: unknown;
  readonly image_sizes?: object | undefined;
}): boolean {
  return Object.values(rest).some((price) => price !== undefined) || Object.keys(sizes).length > 0;
}
