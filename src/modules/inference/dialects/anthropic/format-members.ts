import type { Fields } from '../../../../kernel/fields.js';
import { printExact } from '../../wire/exact-json.js';
import type { AskedFormat } from '../asked/asked-chat.js';
import type { ModelTraits } from './model-traits.js';

/** How the form of an answer is asked for: by a member, or in words to the model. */
export interface FormatMembers {
  readonly format?: Fields;
  readonly words?: string;
}

const onlyJson = 'Answer with one JSON object and nothing else: no words around it and no code fence.';

/** Any JSON has no member on this wire, and a schema has none with older models: both are told in words. */
export function formatMembers(format: AskedFormat, { bindsSchemas }: ModelTraits): FormatMembers {
  if (format === 'text') return {};
  if (format === 'json') return { words: onlyJson };
  const { schema } = format;
  if (bindsSchemas) return { format: { type: 'json_schema', schema } };
  return { words: `${onlyJson} It must fit this JSON schema:\n${printExact(schema)}` };
}
