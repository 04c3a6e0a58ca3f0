import { isFields, type Fields } from '../../../../kernel/fields.js';

/** True for a function that has no parameters: a call of it may come without arguments. */
export function takesNothing({ parameters }: Fields): boolean {
  if (!isFields(parameters)) return true;
  const { properties } = parameters;
  return properties === undefined || (isFields(properties) && Object.keys(properties).length === 0);
}
