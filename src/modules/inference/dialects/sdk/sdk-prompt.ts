import type { Fields } from '../../../../kernel/fields.js';
import { invalid, unsupported } from '../../call/request-body.js';
import type { AskedChat, AskedPart, AskedResult, AskedTurn } from '../asked/asked-chat.js';
import type { DialectAsked } from '../dialect.js';
import { signatureOf } from '../gemini/thought-signatures.js';

/**
 * The prompt of a model: instructions in front, wherever they stood, then what each side said. Where nobody says anything the
 * instructions are the user's words.
 * @param kept what the provider wants back with a call that the message does not bring itself.
 * @throws AppError invalid_value, unsupported_parameter.
 */
export function sdkPrompt({ instructions, turns }: AskedChat, kept: DialectAsked['kept']): readonly Fields[] {
  const said = turns.flatMap((turn) => (turn.by === 'model' ? modelTurn(turn, kept) : userTurn(turn)));
  if (said.length > 0) return [...instructions.map((content) => ({ role: 'system', content })), ...said];
  if (instructions.length === 0) throw invalid('messages', 'nothing is said in them');
  return [{ role: 'user', content: instructions.map(textPart) }];
}

function modelTurn({ parts }: AskedTurn, kept: DialectAsked['kept']): Fields[] {
  const content = parts.flatMap((part): Fields[] => {
    if (part.is === 'text') return [textPart(part.text)];
    if (part.is !== 'call') return [];
    const { id: toolCallId, name: toolName, input, call } = part;
    return [{ type: 'tool-call', toolCallId, toolName, input, ...signed(signatureOf(call) ?? signatureOf(kept(toolCallId))) }];
  });
  return content.length === 0 ? [] : [{ role: 'assistant', content }];
}

/** What the user said and what tools did, in their order. */
function userTurn({ parts }: AskedTurn): Fields[] {
  const messages: { readonly role: 'user' | 'tool'; readonly content: Fields[] }[] = [];
  const say = (role: 'user' | 'tool', part: Fields): void => {
    const last = messages.at(-1);
    if (last?.role === role) last.content.push(part);
    else messages.push({ role, content: [part] });
  };
  for (const part of parts)
    if (part.is === 'result') say('tool', resultPart(part));
    else for (const one of userParts(part)) say('user', one);
  return messages;
}

function userParts(part: AskedPart): Fields[] {
  switch (part.is) {
    case 'text':
      return [textPart(part.text)];
    case 'data': {
      const { mediaType, base64, filename, place } = part;
      return [{ type: 'file', mediaType, base64, place, ...(filename === undefined ? {} : { filename }) }];
    }
    case 'address':
      return [{ type: 'file', mediaType: part.of === 'image' ? 'image/*' : 'application/pdf', url: part.url, place: part.place }];
    default:
      return [];
  }
}

function resultPart({ callId, name, parts }: AskedResult): Fields {
  if (name === '') throw invalid('messages', `the result '${callId}' belongs to no call before it`);
  const texts = parts.map((part) => {
    if (part.is !== 'text') throw unsupported(part.place);
    return part.text;
  });
  return { type: 'tool-result', toolCallId: callId, toolName: name, output: { type: 'text', value: texts.join('\n') } };
}

/** The signature that Gemini wants back with its calls, by the names under which packages look for it. */
function signed(thoughtSignature: string | undefined): Fields {
  if (thoughtSignature === undefined) return {};
  return { providerOptions: { google: { thoughtSignature }, vertex: { thoughtSignature } } };
}

function textPart(text: string): Fields {
  return { type: 'text', text };
}
