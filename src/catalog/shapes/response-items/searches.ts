import { z } from 'zod';
import { responseTool } from '../response-tools.js';
import { callId, createdBy, id, item, status } from './item.js';

/** Searches, of documents, the web and tools. */
export const searches = [
  item('file_search_call', 'A search of documents, which the platform makes.', {
    id,
    status,
    queries: z.array(z.string()).describe('What was looked for.'),
    results: z
      .array(
        z.looseObject({
          file_id: z.string().optional().describe('The file.'),
          filename: z.string().optional().describe('Its name.'),
          score: z.number().optional().describe('How well it fits, from 0 to 1.'),
          text: z.string().optional().describe('The passage.'),
          attributes: z
            .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
            .nullish()
            .describe('What the store knows of the file.'),
        }),
      )
      .nullish()
      .describe('What was found, where `include` asks for it.'),
  }),
  item('web_search_call', 'A search of the web by the provider.', {
    id,
    status,
    action: z
      .looseObject({
        type: z.string().describe('search, open_page or find_in_page.'),
        query: z.string().optional().describe('What was looked for.'),
        queries: z.array(z.string()).optional().describe('Everything that was looked for.'),
        sources: z
          .array(z.looseObject({ type: z.string().describe('url.'), url: z.string().optional().describe('The address.') }))
          .optional()
          .describe('What was found, where `include` asks for it.'),
        url: z.string().nullish().describe('The page that was opened.'),
        pattern: z.string().optional().describe('What was looked for in the page.'),
      })
      .optional()
      .describe('What was done.'),
  }),
  item('tool_search_call', 'A search among the tools.', {
    id,
    call_id: callId,
    status,
    execution: z.string().optional().describe('server or client: who searches.'),
    arguments: z.unknown().describe('What was looked for.'),
    created_by: createdBy,
  }),
  item('tool_search_output', 'The tools that were found.', {
    id,
    call_id: callId,
    status,
    execution: z.string().optional().describe('server or client: who searched.'),
    tools: z.array(responseTool).describe('The tools.'),
    created_by: createdBy,
  }),
  item('additional_tools', 'Tools that the conversation brings.', {
    id,
    role: z.string().describe('Who brings them: developer.'),
    tools: z.array(responseTool).describe('The tools.'),
  }),
] as const;
