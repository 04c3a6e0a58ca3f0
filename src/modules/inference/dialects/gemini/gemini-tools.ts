import type { Fields } from '../../../../kernel/fields.js';
import type { AskedChat, AskedTool } from '../asked/asked-chat.js';
import type { GeminiModel } from './gemini-model.js';
import { geminiSchema } from './gemini-schema.js';

/** Members of a schema that say nothing more where an object has no properties. */
const sayingNothing = new Set(['type', 'properties', 'required', 'additionalProperties', '$schema', 'title', 'description']);

/**
 * `tools` and `toolConfig`; nothing where the request has no tools.
 *
 * Parameters go as `parametersJsonSchema`, which takes JSON schema as it is: unions, references, `additionalProperties`. The
 * older `parameters` knows only a part of OpenAPI's schema and refuses a request for each further word in it.
 */
export function geminiTools({ tools, choice }: AskedChat, model: GeminiModel): Fields {
  if (tools.length === 0) return {};
  return {
    tools: [{ functionDeclarations: tools.map(declaration) }],
    ...callingConfig(tools, choice, model),
  };
}

function declaration({ name, description, parameters }: AskedTool): Fields {
  return {
    name,
    ...(description === undefined ? {} : { description }),
    ...(takesNothing(parameters) ? {} : { parametersJsonSchema: geminiSchema(parameters) }),
  };
}

function takesNothing(parameters: Fields): boolean {
  const { properties } = parameters;
  const hasNone = properties === undefined || (typeof properties === 'object' && Object.keys(properties ?? {}).length === 0);
  return (
    hasNone &&
    typeof parameters['additionalProperties'] !== 'object' &&
    Object.keys(parameters).every((name) => sayingNothing.has(name))
  );
}

/** `VALIDATED` is `AUTO` with arguments that follow their schema: what a strict function asks for. `ANY` does so by itself. */
function callingConfig(tools: readonly AskedTool[], choice: AskedChat['choice'], { generation }: GeminiModel): Fields {
  const told = (mode: string, further: Fields = {}): Fields => ({
    toolConfig: { functionCallingConfig: { mode, ...further } },
  });
  if (choice === 'none') return told('NONE');
  if (choice === 'required') return told('ANY');
  if (choice !== 'auto') return told('ANY', { allowedFunctionNames: [choice.name] });
  const isStrict = (generation === '3' || generation === '2.5') && tools.some(({ strict }) => strict);
  return told(isStrict ? 'VALIDATED' : 'AUTO');
}
