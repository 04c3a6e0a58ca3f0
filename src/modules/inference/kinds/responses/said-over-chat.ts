import { isFields, isGiven, type Fields } from '../../../../kernel/fields.js';
import { metadata } from '../../../../contracts/conversations.js';
import { invalid, notFetchedHere } from '../../call/request-body.js';
import { typeForHeader } from '../chat/opened-items.js';
import { numberOf, plainOf } from '../../wire/exact-json.js';

/** Items that a chat has a form for, or that say something to the platform. */
const told: ReadonlySet<unknown> = new Set([
  'additional_tools',
  'compaction',
  'compaction_trigger',
  'custom_tool_call',
  'custom_tool_call_output',
  'function_call',
  'function_call_output',
  'item_reference',
  'message',
  'reasoning',
  'tool_search_output',
]);

/** Types of the items that have no form in a chat, as a header may name them. */
export function untoldTypes(items: readonly Fields[]): string[] {
  return [...new Set(items.filter(({ type }) => !told.has(type)).map(typeForHeader))];
}

/**
 * Judges what a chat provider is not sent as it was written, and so does not judge.
 * @param given the request's own items.
 * @param takesFileAddresses the address of a file is told by the provider's own wire, or its content is fetched.
 * @throws AppError invalid_value; unsupported_parameter for the address of a file, for which chat itself has no form.
 */
export function judgeForChat(members: Fields, given: readonly Fields[], takesFileAddresses: boolean): void {
  for (const name of ['reasoning', 'text'] as const)
    if (isGiven(members[name]) && !isFields(members[name])) throw invalid(name, 'expected an object');
  if (isGiven(members['metadata']) && !metadata.safeParse(plainOf(members['metadata'])).success)
    throw invalid('metadata', 'expected at most 16 pairs of a name of up to 64 and a text of up to 512 characters');
  const calls = members['max_tool_calls'];
  const most = isGiven(calls) ? numberOf(calls) : 1;
  if (most === undefined || !Number.isInteger(most) || most < 1)
    throw invalid('max_tool_calls', 'expected a whole number above 0');
  if (takesFileAddresses) return;
  given.forEach((item, at) => {
    for (const place of ['content', 'output'] as const) refuseAddresses(item[place], `input[${at}].${place}`);
  });
}

function refuseAddresses(parts: unknown, param: string): void {
  if (!Array.isArray(parts)) return;
  (parts as unknown[]).forEach((part, at) => {
    if (!isFields(part) || part['type'] !== 'input_file' || !isGiven(part['file_url']) || isGiven(part['file_data'])) return;
    throw notFetchedHere(`${param}[${at}].file_url`);
  });
}
