import { z } from 'zod';

/** So many stores may one search name. */
export const mostSearchedStores = 100;
/** So many passages may it find. */
const mostResults = 50;
/** As many as OpenAI finds where nobody says how many. */
export const usualResults = 20;

/** The tool `file_search` of a request for a response. Members that are not known say nothing. */
export const fileSearchTool = z
  .object({
    type: z.literal('file_search'),
    vector_store_ids: z
      .array(z.string().min(1).max(256))
      .min(1)
      .max(mostSearchedStores)
      .describe('The vector stores and datasets to search, by their ids.'),
    max_num_results: z.number().int().min(1).max(mostResults).nullish().describe('How many passages at most.'),
  })
  .describe('Searches files before the model is asked, and shows it what was found.');
