import { z } from 'zod';
import { screenshot } from '../response-content.js';
import { callId, createdBy, id, item, status } from './item.js';

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

/** What is done at computers, in containers and by programs. */
export const machines = [
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
