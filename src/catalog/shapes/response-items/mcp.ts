import { z } from 'zod';
import { jsonSchemaObject } from '../common.js';
import { args, id, item, name, server, status } from './item.js';

/** Tools of MCP servers. */
export const mcp = [
  item('mcp_list_tools', 'The tools of an MCP server.', {
    id,
    server_label: server,
    tools: z
      .array(
        z.looseObject({
          name,
          description: z.string().nullish().describe('What it does.'),
          input_schema: jsonSchemaObject,
          annotations: z.record(z.string(), z.unknown()).nullish().describe('What the server says of it besides.'),
        }),
      )
      .describe('The tools.'),
    error: z.unknown().optional().describe('Why they could not be listed.'),
  }),
  item('mcp_call', 'A call of a tool of an MCP server.', {
    id,
    status,
    server_label: server,
    name,
    arguments: args,
    output: z.string().nullish().describe('The result.'),
    error: z.unknown().optional().describe('Why it failed.'),
    approval_request_id: z.string().nullish().describe('The question whether it may be called.'),
  }),
  item('mcp_approval_request', 'A question whether a tool may be called.', { id, server_label: server, name, arguments: args }),
  item('mcp_approval_response', 'The answer to such a question.', {
    id,
    approval_request_id: z.string().describe('The question.'),
    approve: z.boolean().describe('Whether it may.'),
    reason: z.string().nullish().describe('Why.'),
  }),
] as const;
