import { Commands, readCommands } from '../commands.js';
import { badRequest, missingParameter, wrongType } from '../errors.js';
import { readBoolean, readInteger, readModel, type JsonObject } from '../request-fields.js';

/** A request for images that was found well formed, from JSON or from a form. */
export interface ImageRequest {
  readonly model: string;
  readonly prompt: string;
  readonly commands: Commands;
  readonly count: number;
  readonly size: string;
  readonly quality: string;
  readonly background: string;
  readonly asUrl: boolean;
  readonly stream: boolean;
  /** How many unfinished images a stream shows. */
  readonly partialImages: number;
  /** Names and hashes of the images that the request sends along; they take part in what is drawn. */
  readonly sent: readonly string[];
}

const qualities = ['standard', 'hd', 'low', 'medium', 'high', 'auto'];

/**
 * Reads the members that all routes of images share.
 * @throws SandboxError 400 in OpenAI's words for what is malformed.
 */
export function readImageRequest(body: JsonObject, needsPrompt: boolean, sent: readonly string[]): ImageRequest {
  const prompt = body['prompt'] ?? undefined;
  if (prompt === undefined && needsPrompt) throw missingParameter('prompt');
  if (prompt !== undefined && typeof prompt !== 'string') throw wrongType('prompt', 'a string', prompt);
  if (prompt === '' && needsPrompt) throw badRequest("Invalid 'prompt': the prompt cannot be empty.", 'prompt');
  const commands = readCommands(prompt === undefined ? [] : [prompt]);
  const stream = readBoolean(body, 'stream', false);
  const count = readInteger(body, 'n', 1, 10) ?? 1;
  if (stream && count > 1) throw badRequest("Invalid 'n': only one image can be streamed.", 'n');
  const size = oneOf(body, 'size', undefined) ?? 'auto';
  if (!/^(?:auto|\d{2,5}x\d{2,5})$/.test(size)) throw badRequest(`Invalid value: '${size.slice(0, 40)}'.`, 'size');
  const form = oneOf(body, 'response_format', ['url', 'b64_json']);
  oneOf(body, 'output_format', ['png', 'jpeg', 'webp']);
  const quality = oneOf(body, 'quality', qualities) ?? 'auto';
  const background = oneOf(body, 'background', ['transparent', 'opaque', 'auto']) ?? 'auto';
  return {
    model: (body['model'] ?? undefined) === undefined ? 'sandbox-image' : readModel(body),
    prompt: prompt ?? '',
    commands,
    count,
    size: size === 'auto' ? '1024x1024' : size,
    quality: ['low', 'medium', 'high'].includes(quality) ? quality : 'medium',
    background: background === 'auto' ? 'opaque' : background,
    asUrl: form === 'url' || commands.has('image-url'),
    stream,
    partialImages: readInteger(body, 'partial_images', 0, 3) ?? 0,
    sent,
  };
}

function oneOf(body: JsonObject, name: string, values: readonly string[] | undefined): string | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw wrongType(name, 'a string', value);
  if (values === undefined || values.includes(value)) return value;
  const supported = values.map((entry) => `'${entry}'`).join(', ');
  throw badRequest(`Invalid value: '${value.slice(0, 40)}'. Supported values are: ${supported}.`, name);
}
