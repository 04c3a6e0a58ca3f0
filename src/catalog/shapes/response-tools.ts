import { z } from 'zod';
import { storeFilter } from '../../contracts/vector-store-filters.js';
import { jsonSchemaObject } from './common.js';

const description = z.string().nullish().describe('What it does: the model goes by this.');
const callers = z.array(z.string()).nullish().describe('Who may call it: direct, programmatic or both.');
const deferred = z.boolean().optional().describe('The model is told of it only when it searches for tools.');

function tool<Type extends string, Members extends z.ZodRawShape>(
  type: Type | readonly [Type, ...Type[]],
  words: string,
  members: Members,
) {
  return z.looseObject({ type: z.enum([type].flat() as [Type]).describe('The type of the tool.'), ...members }).describe(words);
}

const functionTool = tool('function', 'A function that the client runs.', {
  name: z.string().describe('Its name: letters, digits, - and _.'),
  description,
  parameters: jsonSchemaObject.nullish(),
  output_schema: jsonSchemaObject.nullish(),
  strict: z.boolean().nullish().describe('Whether the arguments follow the schema exactly.'),
  defer_loading: deferred,
  allowed_callers: callers,
});

const customTool = tool('custom', 'A tool whose input is a text.', {
  name: z.string().describe('Its name.'),
  description,
  format: z
    .looseObject({
      type: z.string().describe('text: any text; grammar: what a grammar allows.'),
      syntax: z.string().optional().describe('lark or regex.'),
      definition: z.string().optional().describe('The grammar.'),
    })
    .optional()
    .describe('Which texts it takes; by default any.'),
  defer_loading: deferred,
  allowed_callers: callers,
});

const contextSize = z.string().optional().describe('How much of what is found is read: low, medium or high.');

const place = z
  .looseObject({
    type: z.string().optional().describe('approximate.'),
    country: z.string().nullish().describe('Two letters.'),
    region: z.string().nullish().describe('The region.'),
    city: z.string().nullish().describe('The city.'),
    timezone: z.string().nullish().describe('A time zone by its IANA name.'),
  })
  .nullish()
  .describe('Where the person is, about.');

const searches = [
  tool('file_search', 'A search of documents, which the platform makes over every provider.', {
    vector_store_ids: z.array(z.string()).describe('The stores to look in.'),
    max_num_results: z.number().int().optional().describe('How many passages are found at most.'),
    ranking_options: z
      .looseObject({
        ranker: z.string().optional().describe('How passages are ranked.'),
        score_threshold: z.number().optional().describe('Passages with a lower score are left out.'),
        hybrid_search: z
          .looseObject({
            embedding_weight: z.number().describe('How much vectors count.'),
            text_weight: z.number().describe('How much words count.'),
          })
          .optional()
          .describe('How vectors and words are weighed.'),
      })
      .optional()
      .describe('How passages are ranked.'),
    filters: storeFilter.nullish(),
  }),
  tool(['web_search', 'web_search_2025_08_26'], 'Has the provider search the web. The agent must allow it.', {
    filters: z
      .looseObject({ allowed_domains: z.array(z.string()).nullish().describe('Only pages of these domains.') })
      .nullish()
      .describe('Which pages are looked at.'),
    user_location: place,
    search_context_size: contextSize,
    external_web_access: z.boolean().optional().describe('Whether pages are fetched, or read from a cache alone.'),
  }),
  tool(['web_search_preview', 'web_search_preview_2025_03_11'], 'The same in the older form.', {
    user_location: place,
    search_context_size: contextSize,
    search_content_types: z.array(z.string()).optional().describe('text, image or both.'),
  }),
  tool('tool_search', 'Lets the model search for tools that are not loaded.', {
    execution: z.string().optional().describe('server or client: who searches.'),
    description,
    parameters: jsonSchemaObject.nullish(),
  }),
] as const;

const container = {
  file_ids: z.array(z.string()).optional().describe('Files that are put into it.'),
  memory_limit: z.string().nullish().describe('How much memory it has, such as 1g.'),
  network_policy: z
    .looseObject({
      type: z.string().describe('disabled or allowlist.'),
      allowed_domains: z.array(z.string()).optional().describe('The domains that it reaches.'),
      domain_secrets: z
        .array(
          z.looseObject({
            domain: z.string().describe('The domain.'),
            name: z.string().describe('The name of the secret.'),
            value: z.string().describe('The secret. It is neither kept nor given back.'),
          }),
        )
        .optional()
        .describe('What is put into requests to these domains.'),
    })
    .optional()
    .describe('What it reaches.'),
};

const skill = z.looseObject({
  type: z.string().optional().describe('skill_reference or inline.'),
  skill_id: z.string().optional().describe('The skill.'),
  version: z.string().optional().describe('Its version.'),
  name: z.string().optional().describe('Its name.'),
  description: z.string().optional().describe('What it is for.'),
  path: z.string().optional().describe('Where it is, on the machine of the client.'),
  source: z
    .looseObject({
      type: z.string().describe('base64.'),
      media_type: z.string().describe('application/zip.'),
      data: z.string().describe('The archive in base64.'),
    })
    .optional()
    .describe('The skill itself.'),
});

const machines = [
  tool('code_interpreter', 'Has the provider run Python. The agent must allow it.', {
    container: z
      .union([z.string(), z.looseObject({ type: z.literal('auto').describe('A new one.'), ...container })])
      .describe('Where it runs: a container by its id, or a new one.'),
    allowed_callers: callers,
  }),
  tool('image_generation', 'Has the provider make images. The agent must allow it.', {
    model: z.string().optional().describe('The model that makes them.'),
    action: z.string().optional().describe('generate, edit or auto.'),
    quality: z.string().optional().describe('low, medium, high or auto.'),
    size: z.string().optional().describe('Width and height, or auto.'),
    background: z.string().optional().describe('transparent, opaque or auto.'),
    output_format: z.string().optional().describe('png, webp or jpeg.'),
    output_compression: z.number().int().min(0).max(100).optional().describe('In percent.'),
    moderation: z.string().optional().describe('auto or low.'),
    input_fidelity: z.string().nullish().describe('How close an edit stays to its images: high or low.'),
    input_image_mask: z
      .looseObject({
        image_url: z.string().optional().describe('The mask as a data URL.'),
        file_id: z.string().optional().describe('A file of the platform.'),
      })
      .optional()
      .describe('Where an image is changed.'),
    partial_images: z.number().int().min(0).max(3).optional().describe('How many unfinished images a stream shows.'),
  }),
  tool('shell', 'A shell: of the client, or in a container of the provider where the agent allows it.', {
    environment: z
      .looseObject({
        type: z.string().describe('container_auto, container_reference or local.'),
        container_id: z.string().optional().describe('The container.'),
        ...container,
        skills: z.array(skill).optional().describe('What it can do besides.'),
      })
      .nullish()
      .describe('Where commands run.'),
    allowed_callers: callers,
  }),
  tool('local_shell', 'The shell of the client, in the older form.', {}),
  tool('apply_patch', 'Lets the model change files of the client.', { allowed_callers: callers }),
  tool('computer', 'Lets the model use a screen of the client.', {}),
  tool('computer_use_preview', 'The same in the older form.', {
    environment: z.string().describe('windows, mac, linux, ubuntu or browser.'),
    display_width: z.number().int().describe('In pixels.'),
    display_height: z.number().int().describe('In pixels.'),
  }),
  tool('programmatic_tool_calling', 'Lets the model call tools by programs that it writes.', {}),
] as const;

const toolFilter = z.looseObject({
  tool_names: z.array(z.string()).optional().describe('Tools by their names.'),
  read_only: z.boolean().optional().describe('Tools that change nothing.'),
});

const mcp = tool('mcp', 'The tools of an MCP server, which the provider calls. The agent must allow it.', {
  server_label: z.string().describe('A name for the server.'),
  server_url: z.string().optional().describe('Its address.'),
  connector_id: z.string().optional().describe('A connector of the provider in place of an address.'),
  tunnel_id: z.string().optional().describe('A tunnel of the provider in place of an address.'),
  server_description: z.string().optional().describe('What it is for.'),
  authorization: z.string().optional().describe('A token for the server. It is neither kept nor given back.'),
  headers: z.record(z.string(), z.string()).nullish().describe('Headers for the server. They are neither kept nor given back.'),
  allowed_tools: z
    .union([z.array(z.string()), toolFilter])
    .nullish()
    .describe('Which of its tools may be called.'),
  allowed_callers: callers,
  require_approval: z
    .union([
      z.string(),
      z.looseObject({
        always: toolFilter.optional().describe('Those that a person is always asked for.'),
        never: toolFilter.optional().describe('Those that nobody is asked for.'),
      }),
    ])
    .nullish()
    .describe('For which calls a person is asked: always, never, or by tools.'),
  defer_loading: deferred,
});

/** Everything that `tools` of a response may hold. */
export const responseTool = z
  .discriminatedUnion('type', [
    functionTool,
    customTool,
    ...searches,
    ...machines,
    mcp,
    tool('namespace', 'Tools under one name.', {
      name: z.string().describe('The name.'),
      description: z.string().describe('What they are for.'),
      tools: z.array(z.discriminatedUnion('type', [functionTool, customTool])).describe('The tools.'),
    }),
  ])
  .meta({
    id: 'ResponseTool',
    description: 'A tool: a function of the client, or something that the provider or the platform runs.',
  });

export const responseToolChoice = z
  .union([
    z.string(),
    z.looseObject({
      type: z.string().describe('function, custom, mcp, allowed_tools, or the type of a tool that the provider runs.'),
      name: z.string().nullish().describe('The function or tool that must be called.'),
      server_label: z.string().optional().describe('Of which MCP server.'),
      mode: z.string().optional().describe('Of allowed tools: auto or required.'),
      tools: z.array(z.record(z.string(), z.unknown())).optional().describe('Those of the tools that may be called.'),
    }),
  ])
  .nullish()
  .describe('Whether tools are called: none, auto, required, or one by its name.');
