import { z } from 'zod';
import { jsonSchemaObject } from './common.js';

const functionMembers = {
  name: z.string().describe('Its name: letters, digits, - and _.'),
  description: z.string().optional().describe('What it does: the model goes by this.'),
  parameters: jsonSchemaObject.optional().describe('A JSON Schema of its arguments; without it, it takes none.'),
};

const functionTool = z
  .looseObject({
    type: z.literal('function').describe('A function.'),
    function: z
      .looseObject({
        ...functionMembers,
        strict: z.boolean().nullish().default(false).describe('Whether the arguments follow the schema exactly.'),
      })
      .describe('The function.'),
  })
  .describe('A function that the client runs.');

const customTool = z
  .looseObject({
    type: z.literal('custom').describe('A tool that takes text.'),
    custom: z
      .looseObject({
        name: z.string().describe('Its name.'),
        description: z.string().optional().describe('What it does.'),
        format: z
          .looseObject({
            type: z.string().describe('text: any text; grammar: what a grammar allows.'),
            grammar: z
              .looseObject({
                syntax: z.string().describe('lark or regex.'),
                definition: z.string().describe('The grammar.'),
              })
              .optional()
              .describe('Of the type grammar.'),
          })
          .optional()
          .describe('Which texts it takes; by default any.'),
      })
      .describe('The tool.'),
  })
  .describe('A tool whose input is a text.');

const named = z.looseObject({ name: z.string().describe('Its name.') });

/** What a chat may call, and what it must. */
export const chatTools = {
  tools: z
    .array(z.discriminatedUnion('type', [functionTool, customTool]))
    .optional()
    .describe('What the model may call.'),
  tool_choice: z
    .union([
      z.string(),
      z.looseObject({
        type: z.string().describe('function, custom or allowed_tools.'),
        function: named.optional().describe('The function that must be called.'),
        custom: named.optional().describe('The tool that must be called.'),
        allowed_tools: z
          .looseObject({
            mode: z.string().describe('auto: may be called; required: one must be.'),
            tools: z.array(z.record(z.string(), z.unknown())).describe('Those of the tools that may be called.'),
          })
          .optional()
          .describe('A choice among the tools.'),
      }),
    ])
    .optional()
    .describe('Whether tools are called: none, auto, required, or one by its name. By default auto where there are tools.'),
  parallel_tool_calls: z.boolean().optional().default(true).describe('Whether an answer may have several calls.'),
  functions: z.array(z.looseObject(functionMembers)).optional().describe('Functions in the older form; tools takes their place.'),
  function_call: z
    .union([z.string(), named])
    .optional()
    .describe('The choice in the older form: none, auto, or a function by its name.'),
};
