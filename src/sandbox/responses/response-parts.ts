import { badRequest, missingParameter, wrongType } from '../errors.js';
import { isObject, type JsonObject } from '../request-fields.js';

/** What the content of an item comes to: its texts joined, how many images, how many files and sounds. */
export interface JoinedContent {
  readonly text: string;
  readonly images: number;
  readonly attachments: number;
}

/**
 * The content of a message or of a tool's output: a string or a list of parts.
 * @throws SandboxError 400 naming the part and the member that is malformed.
 */
export function readContent(content: unknown, at: string): JoinedContent {
  if (content === undefined) throw missingParameter(at);
  if (typeof content === 'string') return { text: content, images: 0, attachments: 0 };
  if (!Array.isArray(content)) throw wrongType(at, 'a string or an array of objects', content);
  const parts = content.map((part: unknown, index) => readPart(part, `${at}[${index}]`));
  return {
    text: parts.flatMap((part) => part.text ?? []).join('\n'),
    images: parts.filter((part) => part.kind === 'image').length,
    attachments: parts.filter((part) => part.kind === 'attachment').length,
  };
}

interface Part {
  readonly kind: 'text' | 'image' | 'attachment';
  readonly text?: string;
}

function readPart(part: unknown, at: string): Part {
  if (!isObject(part)) throw wrongType(at, 'an object', part);
  switch (part['type']) {
    case 'input_text':
    case 'output_text':
    case 'summary_text':
    case 'reasoning_text':
      return { kind: 'text', text: stringIn(part, 'text', at) };
    case 'refusal':
      return { kind: 'text', text: stringIn(part, 'refusal', at) };
    case 'input_image':
      oneOf(part, ['image_url', 'file_id'], at);
      return { kind: 'image' };
    case 'input_file':
      oneOf(part, ['file_data', 'file_url', 'file_id'], at);
      return { kind: 'attachment' };
    case 'input_audio':
      return { kind: 'attachment' };
    case undefined:
      throw missingParameter(`${at}.type`);
    default:
      throw badRequest(
        `Invalid value for '${at}.type'. Supported values are: 'input_text', 'input_image', 'output_text', 'refusal', 'input_file', 'input_audio', 'summary_text', and 'reasoning_text'.`,
        `${at}.type`,
      );
  }
}

/** The string in this member. */
export function stringIn(item: JsonObject, member: string, at: string): string {
  const value = item[member];
  if (value === undefined) throw missingParameter(`${at}.${member}`);
  if (typeof value !== 'string') throw wrongType(`${at}.${member}`, 'a string', value);
  return value;
}

function oneOf(part: JsonObject, members: readonly string[], at: string): void {
  const given = members.filter((member) => (part[member] ?? undefined) !== undefined);
  const [first] = given;
  if (first === undefined) throw missingParameter(`${at}.${members[0] ?? ''}`);
  for (const member of given) stringIn(part, member, at);
}
