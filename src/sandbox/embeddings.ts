import { answerJson } from './answers.js';
import { Commands, readCommands, withoutCommands } from './commands.js';
import { textVector, tokenVector } from './embedding-vector.js';
import { badRequest } from './errors.js';
import type { Exchange } from './exchange.js';
import { playFaults } from './faults.js';
import {
  datedModel,
  mayHoldCommands,
  readBody,
  readInteger,
  readModel,
  readTextsOrTokens,
  type JsonObject,
  type TextsOrTokens,
} from './request-fields.js';
import { countTokens } from './tokens.js';

const defaultDimensions = 256;
const largestDimensions = 3072;
const mostInputs = 2048;

/** POST /v1/embeddings. */
export async function embeddings(exchange: Exchange): Promise<void> {
  const body = readBody(exchange.body);
  const model = readModel(body);
  const inputs = readInputs(body);
  const asked = readEncoding(body);
  const dimensions = readInteger(body, 'dimensions', 1, largestDimensions) ?? defaultDimensions;
  const commands = mayHoldCommands(exchange.body)
    ? readCommands(inputs.filter((input) => typeof input === 'string'))
    : Commands.none;
  if (await playFaults(exchange, commands, model)) return;
  const base64 = commands.has('wrong-encoding') ? asked === 'float' : asked === 'base64';
  const tokens = inputs.reduce((sum, input) => sum + (typeof input === 'string' ? countTokens(input) : input.length), 0);
  await answerJson(exchange, commands, {
    object: 'list',
    data: inputs.map((input, index) => ({ object: 'embedding', index, embedding: encoded(vectorOf(input, dimensions), base64) })),
    model: datedModel(model),
    usage: commands.has('no-usage') ? undefined : { prompt_tokens: tokens, total_tokens: tokens },
  });
}

function readInputs(body: JsonObject): TextsOrTokens {
  const inputs = readTextsOrTokens(body, 'input');
  if (inputs.length > mostInputs)
    throw badRequest(`Invalid 'input': array too long. Expected at most ${mostInputs} items.`, 'input', 'array_above_max_length');
  if (inputs.some((input) => input === '')) throw badRequest("Invalid 'input': input cannot be an empty string.", 'input');
  return inputs;
}

function readEncoding(body: JsonObject): 'float' | 'base64' {
  const encoding = body['encoding_format'] ?? 'float';
  if (encoding === 'float' || encoding === 'base64') return encoding;
  throw badRequest("Invalid value for 'encoding_format'. Supported values are: 'float' and 'base64'.", 'encoding_format');
}

function vectorOf(input: string | readonly number[], dimensions: number): Float32Array {
  return typeof input === 'string' ? textVector(withoutCommands(input), dimensions) : tokenVector(input, dimensions);
}

/** The vector as numbers, or as base64 of little-endian 32-bit floats whatever the machine's own order is. */
function encoded(vector: Float32Array, base64: boolean): readonly number[] | string {
  if (!base64) return Array.from(vector);
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((component, index) => bytes.writeFloatLE(component, index * 4));
  return bytes.toString('base64');
}
