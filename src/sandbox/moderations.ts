import { answerJson } from './answers.js';
import { Commands, readCommands, withoutCommands } from './commands.js';
import { badRequest, missingParameter, wrongType } from './errors.js';
import type { Exchange } from './exchange.js';
import { playFaults } from './faults.js';
import { datedModel, isObject, mayHoldCommands, readBody, readModel, type JsonObject } from './request-fields.js';

/** Every category, and whether images count for it. */
const categories: Readonly<Record<string, boolean>> = {
  harassment: false,
  'harassment/threatening': false,
  sexual: true,
  'sexual/minors': false,
  hate: false,
  'hate/threatening': false,
  illicit: false,
  'illicit/violent': false,
  'self-harm': true,
  'self-harm/intent': true,
  'self-harm/instructions': true,
  violence: true,
  'violence/graphic': true,
};

/** What one result judges: the texts and the addresses of the images. */
interface Judged {
  readonly texts: readonly string[];
  readonly images: readonly string[];
}

/** POST /v1/moderations: what holds the word "violence" is flagged for violence, all else is harmless. */
export async function moderations(exchange: Exchange): Promise<void> {
  const body = readBody(exchange.body);
  const model = body['model'] === undefined ? 'sandbox-moderate' : readModel(body);
  const inputs = readInputs(body);
  const commands = mayHoldCommands(exchange.body) ? readCommands(inputs.flatMap((input) => input.texts)) : Commands.none;
  if (await playFaults(exchange, commands, model)) return;
  await answerJson(exchange, commands, {
    id: exchange.state.newId('modr-'),
    model: datedModel(model),
    results: inputs.map(result),
  });
}

/** A text and each text of a list is judged alone; parts are judged together. */
function readInputs(body: JsonObject): readonly Judged[] {
  const { input } = body;
  if (input === undefined) throw missingParameter('input');
  if (typeof input === 'string') return [{ texts: [input], images: [] }];
  if (!Array.isArray(input)) throw wrongType('input', 'a string, an array of strings or an array of objects', input);
  if (input.length === 0) throw badRequest("Invalid 'input': empty array.", 'input', 'empty_array');
  if (input.every((entry) => typeof entry === 'string')) return input.map((text) => ({ texts: [text], images: [] }));
  const parts = input.map((part: unknown, index) => readPart(part, `input[${index}]`));
  return [{ texts: parts.flatMap((part) => part.texts), images: parts.flatMap((part) => part.images) }];
}

function readPart(part: unknown, at: string): Judged {
  if (!isObject(part)) throw wrongType(at, 'an object', part);
  const { type, text, image_url: image } = part;
  if (type === 'text') {
    if (typeof text !== 'string') throw wrongType(`${at}.text`, 'a string', text);
    return { texts: [text], images: [] };
  }
  if (type !== 'image_url')
    throw badRequest(`Invalid value for '${at}.type'. Supported values are: 'text' and 'image_url'.`, `${at}.type`);
  if (!isObject(image) || typeof image['url'] !== 'string') throw wrongType(`${at}.image_url`, 'an object with a url', image);
  return { texts: [], images: [image['url']] };
}

function result(input: Judged): object {
  const inText = input.texts.some((text) => isViolent(withoutCommands(text)));
  const inImage = input.images.some(isViolent);
  const types = [...(inText ? ['text'] : []), ...(inImage ? ['image'] : [])];
  const flagged = types.length > 0;
  const each = <T>(value: (name: string, takesImages: boolean) => T) =>
    Object.fromEntries(Object.entries(categories).map(([name, takesImages]) => [name, value(name, takesImages)]));
  const judged = [...(input.texts.length > 0 ? ['text'] : []), ...(input.images.length > 0 ? ['image'] : [])];
  return {
    flagged,
    categories: each((name) => flagged && name === 'violence'),
    category_scores: each((name) => (flagged && name === 'violence' ? 0.9 : 0.001)),
    category_applied_input_types: each((name, takesImages) => {
      if (flagged && name === 'violence') return types;
      return judged.filter((type) => type === 'text' || takesImages);
    }),
  };
}

function isViolent(text: string): boolean {
  return /\bviolence\b/i.test(text);
}
