import type { Fields } from '../../../../kernel/fields.js';
import { invalid, notFetchedHere } from '../../call/request-body.js';
import type { AskedCall, AskedChat, AskedPart, AskedResult } from '../asked/asked-chat.js';
import type { DialectAsked } from '../dialect.js';
import type { GeminiModel } from './gemini-model.js';
import { addressPart, dataPart } from './media-parts.js';
import { signatureOf, skipValidator } from './thought-signatures.js';

/** What one side says. */
interface Content extends Fields {
  readonly role: 'user' | 'model';
  readonly parts: Fields[];
}

/** What the user is taken to say where the model spoke first: Gemini hears only answers. */
const silence: Fields = { text: ' ' };

/**
 * `contents` and `systemInstruction`. Instructions are told at the front, wherever they stood. They are the user's words where
 * nobody else says anything, and for Gemma, which takes no others.
 * @throws AppError invalid_value, unsupported_parameter.
 */
export function geminiContents({ instructions, turns }: AskedChat, model: GeminiModel, kept: DialectAsked['kept']): Fields {
  const system: Fields[] = instructions.map((text) => ({ text }));
  const contents: Content[] = [];
  for (const { by, parts } of turns)
    if (by === 'user')
      say(
        contents,
        'user',
        parts.flatMap((part) => userParts(part, model)),
      );
    else say(contents, 'model', modelParts(parts, model, kept));
  const isOwn = contents.length > 0 && !model.name.startsWith('gemma-');
  if (!isOwn && system.length > 0) return { contents: withWords(contents, system) };
  if (contents.length === 0) throw invalid('messages', 'nothing is said in them');
  const heard = contents[0]?.role === 'model' ? withWords(contents, [silence]) : contents;
  return system.length === 0 ? { contents: heard } : { contents: heard, systemInstruction: { parts: system } };
}

function say(contents: Content[], role: Content['role'], parts: readonly Fields[]): void {
  if (parts.length === 0) return;
  const last = contents.at(-1);
  if (last?.role !== role) contents.push({ role, parts: [...parts] });
  else for (const part of parts) last.parts.push(part);
}

/** The contents with words of the user in front. */
function withWords(contents: readonly Content[], words: readonly Fields[]): readonly Content[] {
  const [first, ...rest] = contents;
  if (first?.role === 'user') return [{ role: 'user', parts: [...words, ...first.parts] }, ...rest];
  return [{ role: 'user', parts: [...words] }, ...contents];
}

function userParts(part: AskedPart, model: GeminiModel): Fields[] {
  switch (part.is) {
    case 'text':
      return [{ text: part.text }];
    case 'data':
      return [dataPart(part)];
    case 'address':
      return [addressPart(part, model)];
    case 'result':
      return resultParts(part, model);
    default:
      return [];
  }
}

/** What a tool said. Its images and files stand inside its answer where the model knows that, otherwise behind it. */
function resultParts({ callId, name, parts }: AskedResult, { generation }: GeminiModel): Fields[] {
  if (name === '') throw invalid('messages', `the result '${callId}' belongs to no call before it`);
  const texts: string[] = [];
  const media: Fields[] = [];
  for (const part of parts)
    if (part.is === 'text') texts.push(part.text);
    else if (part.is === 'data') media.push(dataPart(part));
    else throw notFetchedHere(part.place);
  const response = { id: callId, name, response: { output: texts.join('\n') } };
  if (media.length === 0) return [{ functionResponse: response }];
  if (generation === '3') return [{ functionResponse: { ...response, parts: media } }];
  return [{ functionResponse: response }, ...media];
}

/**
 * What the model said, with the signatures of its thoughts: that of a message on its last text, those of calls on the calls.
 * Gemini signs the first of several calls. From 3 on it refuses calls without: where no signature is known, its check is skipped.
 */
function modelParts(parts: readonly AskedPart[], { generation }: GeminiModel, kept: DialectAsked['kept']): Fields[] {
  const said: Fields[] = [];
  let signature: string | undefined;
  let hasSignedCall = false;
  let text: Record<string, unknown> | undefined;
  const signText = (): void => {
    if (text !== undefined && signature !== undefined) text['thoughtSignature'] = signature;
    text = undefined;
  };
  for (const part of parts)
    if (part.is === 'thoughts') {
      signText();
      signature = signatureOf(part.message);
      hasSignedCall = false;
    } else if (part.is === 'text') said.push((text = { text: part.text }));
    else if (part.is === 'call') {
      const known = signatureOf(part.call) ?? signatureOf(kept(part.id));
      const used = known ?? (generation === '3' && !hasSignedCall ? skipValidator : undefined);
      hasSignedCall ||= known !== undefined;
      said.push(callPart(part, used));
    }
  signText();
  return said;
}

function callPart({ id, name, input }: AskedCall, signature: string | undefined): Fields {
  return {
    functionCall: { id, name, args: input },
    ...(signature === undefined ? {} : { thoughtSignature: signature }),
  };
}
