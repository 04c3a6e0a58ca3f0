import type { Json, Media } from './json.js';
import { pathExample } from './parameters.js';
import type { SampleCall } from './samples.js';

/** The call of a route as its samples make it: with the example of its body, and what its path and its form must have. */
export function callOf(
  row: { readonly method: string; readonly path: string; readonly replies?: 'bytes' },
  base: string,
  key: string,
  request: Json,
  sdk?: string,
): SampleCall {
  const content = (request as { readonly requestBody?: { readonly content: Readonly<Record<string, Media>> } }).requestBody
    ?.content;
  const json = content?.['application/json']?.example;
  const form = content?.['multipart/form-data']?.schema;
  return {
    method: row.method,
    path: base + row.path.replace(/\{([a-z_]+)\}/g, (_whole, name: string) => pathExample(name)),
    key,
    ...(json === undefined ? {} : { json }),
    ...(form === undefined ? {} : { form: formFields(form) }),
    isBytes: row.replies === 'bytes',
    ...(sdk === undefined ? {} : { sdk }),
  };
}

/** The fields of a form that a call must have; a file where the schema says nothing. */
function formFields(schema: Json): Record<string, string | true> {
  const { properties = {}, required = [] } = schema as {
    readonly properties?: Readonly<Record<string, { readonly format?: string; readonly enum?: readonly unknown[] }>>;
    readonly required?: readonly string[];
  };
  const fields = required.map((name): [string, string | true] => {
    const field = properties[name];
    return [name, field?.format === 'binary' ? true : String(field?.enum?.[0] ?? (name === 'model' ? 'default' : 'text'))];
  });
  return fields.some(([, field]) => field === true) ? Object.fromEntries(fields) : { file: true, ...Object.fromEntries(fields) };
}
