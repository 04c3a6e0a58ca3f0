import { z } from 'zod';
import { call, callId, createdBy, id, item, status } from './item.js';

const timeout = z.number().int().nullish().describe('How long it may take, in milliseconds.');

/** Commands and patches, and what came of them. */
export const shells = [
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
