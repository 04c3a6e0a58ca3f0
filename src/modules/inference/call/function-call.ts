/** The id under which a call of the deprecated `function_call` form is kept: that form has none. */
export function callIdOfFunction(name: string): string {
  return `call_fn_${name}`;
}
