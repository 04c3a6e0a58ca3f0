import { z } from 'zod';
import { storeFilter } from './vector-store-filters.js';

/** So many stores may one search name. */
const mostSearchedStores = 100;
/** So many passages may it find. */
const mostResults = 50;
/** As many as OpenAI finds where nobody says how many. */
export const usualResults = 20;

const weight = z.number().min(0).max(1_000);

/** The tool `file_search` of a request for a response. Members that are not known say nothing. */
export const fileSearchTool = z
  .object({
    type: z.literal('file_search'),
    vector_store_ids: z
      .array(z.string().min(1).max(256))
      .min(1)
      .max(mostSearchedStores)
      .describe('The vector stores and datasets to search, by their ids.'),
    filters: storeFilter.refine((filter) => !JSON.stringify(filter).includes(String.raw`\u0000`), 'holds NUL').nullish(),
    max_num_results: z.number().int().min(1).max(mostResults).nullish().describe('How many passages at most.'),
    ranking_options: z
      .object({
        ranker: z.enum(['none', 'auto', 'default-2024-11-15']).nullish().describe('none: by vectors alone.'),
        score_threshold: z.number().min(0).max(1).nullish().describe('Passages with a lower score are left out.'),
        hybrid_search: z
          .object({ embedding_weight: weight, text_weight: weight })
          .nullish()
          .describe('How much vectors and words count beside each other.'),
      })
      .nullish()
      .describe('How passages are ranked.'),
  })
  .describe('Searches files before the model is asked, and shows it what was found.');
