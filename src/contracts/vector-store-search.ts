import { z } from 'zod';
import { shownAttributes, storeFilter } from './vector-store-filters.js';

const query = z.string().min(1).max(20_000);

/** `POST /vector_stores/{id}/search`. */
export const searchStoreRequest = z
  .strictObject({
    query: z
      .union([query, z.array(query).min(1).max(16)])
      .describe('What to look for: one question, or several of which each passage answers the one that it answers best.'),
    rewrite_query: z.boolean().nullish().describe('Accepted; questions are searched as they are, as search_query shows.'),
    max_num_results: z.number().int().min(1).max(50).default(10).describe('How many passages to find at most.'),
    filters: storeFilter.nullish(),
    ranking_options: z
      .strictObject({
        ranker: z
          .enum(['none', 'auto', 'default-2024-11-15'])
          .default('auto')
          .describe('none: by vectors alone; else by vectors and words.'),
        score_threshold: z.number().min(0).max(1).default(0).describe('Passages with a lower score are left out.'),
      })
      .nullish()
      .describe('How passages are ranked.'),
  })
  .describe('A search for passages of a vector store.')
  .meta({ examples: [{ query: 'How long is the warranty?' }] });

export const storeSearchResults = z
  .object({
    object: z.literal('vector_store.search_results.page'),
    search_query: z.array(z.string()),
    data: z.array(
      z.object({
        file_id: z.string(),
        filename: z.string(),
        score: z.number(),
        attributes: shownAttributes,
        content: z.array(z.object({ type: z.literal('text'), text: z.string() })),
      }),
    ),
    has_more: z.literal(false),
    next_page: z.null(),
  })
  .describe('Passages that were found, the best first.');

export type StoreSearchResults = z.infer<typeof storeSearchResults>;
