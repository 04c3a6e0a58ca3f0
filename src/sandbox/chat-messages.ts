import { badRequest, missingParameter, wrongType } from './errors.js';
import { isObject, type JsonObject } from './request-fields.js';

const roles: ReadonlySet<unknown> = new Set(['system', 'developer', 'user', 'assistant', 'tool', 'function']);

/** One message of a chat, with its text joined from whatever parts it has. */
export interface ChatMessage {
  readonly role: string;
  readonly text: string;
  readonly images: number;
  /** Sounds and files among the parts. */
  readonly attachments: number;
  /** The message as received. */
  readonly received: JsonObject;
}

/**
 * The messages of a request, at least one.
 * @throws SandboxError 400 naming the message and the member that is malformed.
 */
export function readMessages(body: JsonObject): readonly ChatMessage[] {
  const { messages } = body;
  if (messages === undefined) throw missingParameter('messages');
  if (!Array.isArray(messages)) throw wrongType('messages', 'an array of objects', messages);
  if (messages.length === 0) {
    throw badRequest(
      "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      'messages',
      'empty_array',
    );
  }
  return messages.map(readMessage);
}

function readMessage(message: unknown, index: number): ChatMessage {
  const at = `messages[${index}]`;
  if (!isObject(message)) throw wrongType(at, 'an object', message);
  const { role, content } = message;
  if (role === undefined) throw missingParameter(`${at}.role`);
  if (typeof role !== 'string' || !roles.has(role)) {
    const shown = typeof role === 'string' ? `'${role.slice(0, 40)}'` : 'no string';
    throw badRequest(
      `Invalid value: ${shown}. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'.`,
      `${at}.role`,
    );
  }
  if (role === 'tool' && typeof message['tool_call_id'] !== 'string') throw missingParameter(`${at}.tool_call_id`);
  if (typeof content === 'string') return { role, text: content, images: 0, attachments: 0, received: message };
  if (Array.isArray(content)) return { role, ...joinParts(content, at), received: message };
  const mayBeEmpty = role === 'assistant' || role === 'function';
  if ((content === null || content === undefined) && mayBeEmpty)
    return { role, text: '', images: 0, attachments: 0, received: message };
  if (content === undefined) throw missingParameter(`${at}.content`);
  throw wrongType(`${at}.content`, 'a string or an array of objects', content);
}

function joinParts(parts: readonly unknown[], at: string): { text: string; images: number; attachments: number } {
  const texts: string[] = [];
  let images = 0;
  let attachments = 0;
  for (const [index, part] of parts.entries()) {
    const where = `${at}.content[${index}]`;
    if (!isObject(part)) throw wrongType(where, 'an object', part);
    if (part['type'] === 'text' || part['type'] === 'refusal') texts.push(textOf(part, part['type'], where));
    else if (part['type'] === 'image_url') images += imageIn(part, where);
    else if (part['type'] === 'input_audio' || part['type'] === 'file') attachments += 1;
    else
      throw badRequest(
        `Invalid value for '${where}.type'. Supported values are: 'text', 'image_url', 'input_audio', 'refusal', and 'file'.`,
        `${where}.type`,
      );
  }
  return { text: texts.join('\n'), images, attachments };
}

function textOf(part: JsonObject, member: 'text' | 'refusal', where: string): string {
  const text = part[member];
  if (typeof text !== 'string') throw wrongType(`${where}.${member}`, 'a string', text);
  return text;
}

function imageIn(part: JsonObject, where: string): number {
  const image = part['image_url'];
  if (!isObject(image) || typeof image['url'] !== 'string') throw wrongType(`${where}.image_url`, 'an object with a url', image);
  return 1;
}
