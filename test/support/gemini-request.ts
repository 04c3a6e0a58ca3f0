import type { Fields } from '../../src/kernel/fields.js';
import type { DialectAsked, DialectRequest } from '../../src/modules/inference/dialects/dialect.js';
import { geminiChat } from '../../src/modules/inference/dialects/gemini/gemini-dialect.js';
import { exact } from './gemini-client.js';

export const hello: readonly Fields[] = [{ role: 'user', content: 'Hello' }];

/** The request of a chat that says hello to a Gemini 3, with these members. */
export function askedOf(members: Fields, told: Partial<DialectAsked> = {}): DialectRequest {
  const chat = exact({ model: 'gemini-3-flash-preview', messages: hello, ...members });
  return geminiChat.request(chat, { stream: false, kept: () => undefined, ...told });
}

/** Code and place of the refusal of such a chat; undefined where it is not refused. */
export function refusalOf(members: Fields): unknown {
  try {
    askedOf(members);
    return undefined;
  } catch (error) {
    const { code, param } = error as { code?: unknown; param?: unknown };
    return [code, param];
  }
}
