import { isFields, type Fields } from '../../../kernel/fields.js';

/** Name and input of a call of a tool, or of a piece of one, as a chat tells them; undefined where they are not told. */
export function toldTool({ function: told, custom }: Fields): { readonly name?: unknown; readonly input?: unknown } {
  if (isFields(custom)) return { name: custom['name'], input: custom['input'] };
  return isFields(told) ? { name: told['name'], input: told['arguments'] } : {};
}
