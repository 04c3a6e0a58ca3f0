import { isFields, type Fields } from '../../../../kernel/fields.js';
import { parsedOrUndefined } from '../../../../kernel/parse-json.js';
import { printExact } from '../../wire/exact-json.js';
import type { ToldTools } from '../asked/told-tools.js';

/** The input of a call as text: exactly what the model said. A call that says nothing has none. */
export function inputText({ input }: Fields): string {
  return input === undefined || input === null ? '{}' : printExact(input);
}

/** A whole call as a chat tells it. @param input JSON. */
export function wholeCall({ id, name }: Fields, input: string, { customs }: ToldTools): Fields {
  if (customs.has(name)) return { id, type: 'custom', custom: { name, input: textIn(input) } };
  return { id, type: 'function', function: { name, arguments: input } };
}

/** The text that a custom tool takes; an input that was cut off stays as it is. */
function textIn(input: string): string {
  const read = parsedOrUndefined(input);
  return isFields(read) && typeof read['input'] === 'string' ? read['input'] : input;
}
