import { z } from 'zod';
import { jsonSchemaObject } from './common.js';
import { inputContent, messagePart, reasoningText, screenshot, summaryText, toolOutput } from './response-content.js';
import { responseTool } from './response-tools.js';

const id = z.string().nullish().describe('The id of the item. What is given without one gets one.');
const status = z.string().nullish().describe('How far it is, such as in_progress, completed, incomplete or failed.');
const callId = z.string().nullish().describe('By this id call and result find each other.');
const caller = z
  .looseObject({
    type: z.string().describe('direct: the model; program: a program that it wrote.'),
    caller_id: z.string().optional().describe('Which program.'),
  })
  .meta({ id: 'ToolCaller', description: 'Who called.' })
  .nullish()
  .describe('Who called.');
const createdBy = z.string().optional().describe('Who made it.');
const name = z.string().describe('The name of the tool.');
const namespace = z.string().nullish().describe('The namespace that the tool is in.');
const server = z.string().describe('The label of the MCP server.');
const args = z.string().describe('Its arguments, in JSON.');
const called = { id, call_id: callId, caller };
const call = { ...called, status };

/** An item: its type, a sentence, and what it has beside id and status. */
function item<Type extends string, Members extends z.ZodRawShape>(type: Type, words: string, members: Members) {
  return z.looseObject({ type: z.literal(type).describe('The type of the item.'), ...members }).describe(words);
}

const messages = [
  item('message', 'Something that was said.', {
    id,
    status,
    role: z.string().describe('Who speaks: user, system, developer or assistant.'),
    content: z.union([z.string(), z.array(messagePart)]).describe('What is said: a text, or parts.'),
    phase: z.string().nullish().describe('Of an answer: commentary or final_answer.'),
  }),
  item('reasoning', 'What a model thought.', {
    id,
    status,
    summary: z.array(summaryText).describe('A summary of it.'),
    content: z.array(reasoningText).optional().describe('The thoughts themselves, where the provider shows them.'),
    encrypted_content: z.string().nullish().describe('The thoughts sealed, to be given back with the next request.'),
  }),
  item('compaction', 'A conversation so far, made short.', {
    id,
    encrypted_content: z.string().describe('It is sealed.'),
    created_by: createdBy,
  }),
] as const;

const functions = [
  item('function_call', 'A call of a function.', { ...call, name, namespace, arguments: args, created_by: createdBy }),
  item('function_call_output', 'The result of a function.', {
    ...call,
    name: name.nullish(),
    namespace,
    output: toolOutput,
    created_by: createdBy,
  }),
  item('custom_tool_call', 'A call of a tool that takes text.', {
    ...called,
    name,
    namespace,
    input: z.string().describe('The text.'),
  }),
  item('custom_tool_call_output', 'The result of a tool that takes text.', { ...called, output: toolOutput }),
] as const;

const searches = [
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

const safetyChecks = z.array(
  z.looseObject({
    id: z.string().describe('Its id.'),
    code: z.string().nullish().describe('What it is.'),
    message: z.string().nullish().describe('What it is, in words.'),
  }),
);

const action = z
  .looseObject({ type: z.string().describe('click, double_click, drag, keypress, move, screenshot, scroll, type or wait.') })
  .describe('What is to be done at the screen.');

const machines = [
  item('computer_call', 'Something to do at a computer.', {
    id,
    call_id: callId,
    status,
    action: action.optional(),
    actions: z.array(action).optional().describe('Several things, in their order.'),
    pending_safety_checks: safetyChecks.optional().describe('What a person should look at before.'),
  }),
  item('computer_call_output', 'What the screen shows then.', {
    id,
    call_id: callId,
    status,
    output: screenshot,
    acknowledged_safety_checks: safetyChecks.nullish().describe('What a person has looked at.'),
    created_by: createdBy,
  }),
  item('code_interpreter_call', 'Python that the provider runs.', {
    id,
    status,
    container_id: z.string().describe('The container that it runs in.'),
    code: z.string().nullish().describe('The program.'),
    outputs: z
      .array(
        z.looseObject({
          type: z.string().describe('logs or image.'),
          logs: z.string().optional().describe('What it printed.'),
          url: z.string().optional().describe('Where the image is.'),
        }),
      )
      .nullish()
      .describe('What came out, where `include` asks for it.'),
  }),
  item('image_generation_call', 'An image that the provider makes.', {
    id,
    status,
    result: z.string().nullish().describe('The image in base64.'),
  }),
  item('program', 'A program that calls tools.', {
    id,
    call_id: callId,
    code: z.string().describe('The program.'),
    fingerprint: z.string().describe("The provider's mark of it."),
  }),
  item('program_output', 'The result of such a program.', {
    id,
    call_id: callId,
    result: z.string().describe('The result.'),
    status,
  }),
] as const;

const timeout = z.number().int().nullish().describe('How long it may take, in milliseconds.');

const shells = [
  item('local_shell_call', 'A command for the shell of the client.', {
    id,
    call_id: callId,
    status,
    action: z
      .looseObject({
        type: z.literal('exec').describe('A command.'),
        command: z.array(z.string()).describe('The command and its arguments.'),
        env: z.record(z.string(), z.string()).describe('Variables of its environment.'),
        timeout_ms: timeout,
        user: z.string().nullish().describe('Who runs it.'),
        working_directory: z.string().nullish().describe('Where it runs.'),
      })
      .describe('The command.'),
  }),
  item('local_shell_call_output', 'What the shell of the client answered.', {
    id,
    status,
    output: z.string().describe('What it answered, in JSON.'),
  }),
  item('shell_call', 'Commands for a shell.', {
    ...call,
    action: z
      .looseObject({
        commands: z.array(z.string()).describe('The commands.'),
        timeout_ms: timeout,
        max_output_length: z.number().int().nullish().describe('So many characters of the output are wanted.'),
      })
      .describe('The commands.'),
    environment: z
      .looseObject({
        type: z.string().describe('local or container_reference.'),
        container_id: z.string().optional().describe('The container.'),
      })
      .nullish()
      .describe('Where they run.'),
    created_by: createdBy,
  }),
  item('shell_call_output', 'What the shell answered.', {
    ...call,
    max_output_length: z.number().int().nullish().describe('So many characters were wanted.'),
    output: z
      .array(
        z.looseObject({
          stdout: z.string().describe('What was printed.'),
          stderr: z.string().describe('What was printed as faults.'),
          outcome: z
            .looseObject({
              type: z.string().describe('exit or timeout.'),
              exit_code: z.number().int().optional().describe('The code of the exit.'),
            })
            .describe('How it ended.'),
        }),
      )
      .describe('The answer to each command.'),
    created_by: createdBy,
  }),
  item('apply_patch_call', 'A change of a file.', {
    ...call,
    operation: z
      .looseObject({
        type: z.string().describe('create_file, update_file or delete_file.'),
        path: z.string().describe('The file.'),
        diff: z.string().optional().describe('What changes.'),
      })
      .describe('What is to be done.'),
    created_by: createdBy,
  }),
  item('apply_patch_call_output', 'Whether the change was made.', {
    ...call,
    output: z.string().nullish().describe('What was said of it.'),
    created_by: createdBy,
  }),
] as const;

const mcp = [
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

/** An item of a response or a conversation. */
export const responseItem = z
  .discriminatedUnion('type', [...messages, ...functions, ...searches, ...machines, ...shells, ...mcp])
  .meta({ id: 'ResponseItem', description: 'An item: something said, thought, called or answered.' });

/** An item as a request gives it: also a message without a type, a reference, and the wish for a compaction. */
export const inputItem = z
  .union([
    responseItem,
    z
      .looseObject({
        type: z.literal('message').optional().describe('A message; it may be left out.'),
        role: z.string().describe('Who speaks: user, system, developer or assistant.'),
        content: z.union([z.string(), inputContent]).describe('What is said: a text, or parts.'),
        phase: z.string().nullish().describe('Of an answer: commentary or final_answer.'),
      })
      .describe('A message without a type.'),
    z
      .looseObject({
        type: z.literal('item_reference').nullish().describe('A reference.'),
        id: z.string().describe("The id of an item of the key's kept responses."),
      })
      .describe('Stands for an item that the platform has.'),
    z
      .looseObject({ type: z.literal('compaction_trigger').describe('The last item of an input.') })
      .describe('Asks for a compaction in place of an answer.'),
  ])
  .meta({ id: 'ResponseInputItem', description: 'An item that is given.' });
