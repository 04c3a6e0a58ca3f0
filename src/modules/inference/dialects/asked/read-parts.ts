import { isFields, type Fields } from '../../../../kernel/fields.js';
import { invalid, unsupported } from '../../call/request-body.js';
import type { AskedData, AskedPart } from './asked-chat.js';
import { readDataUrl } from './read-data-url.js';

type SaidPart = Extract<AskedPart, { is: 'text' | 'address' }> | AskedData;

const soundTypes: Readonly<Record<string, string>> = { wav: 'audio/wav', mp3: 'audio/mpeg' };

/**
 * The content of a message that is not the model's. Texts without a letter are left out.
 * @param place where it stands in the request.
 * @throws AppError invalid_value, unsupported_parameter.
 */
export function readParts(content: unknown, place: string): SaidPart[] {
  if (typeof content === 'string') return textPart(content);
  if (content === null || content === undefined) return [];
  if (!Array.isArray(content)) throw invalid(place, 'expected a string or an array of parts');
  return (content as unknown[]).flatMap((part, at) => readPart(part, `${place}[${at}]`));
}

/** The texts of a content, where it may hold nothing else. @throws AppError invalid_value, unsupported_parameter. */
export function readTexts(content: unknown, place: string): string[] {
  return readParts(content, place).map((part) => {
    if (part.is !== 'text') throw unsupported(place);
    return part.text;
  });
}

function textPart(text: unknown): SaidPart[] {
  return typeof text !== 'string' || text === '' ? [] : [{ is: 'text', text }];
}

function readPart(part: unknown, place: string): SaidPart[] {
  if (!isFields(part)) throw invalid(place, 'expected an object');
  const { type, text, refusal, image_url: image, file, input_audio: sound } = part;
  switch (type) {
    case 'text':
      return textPart(text);
    case 'refusal':
      return textPart(refusal);
    case 'image_url':
      return [imagePart(isFields(image) ? image['url'] : image, `${place}.image_url.url`)];
    case 'file':
      return [filePart(isFields(file) ? file : {}, `${place}.file`)];
    case 'input_audio':
      return [soundPart(isFields(sound) ? sound : {}, `${place}.input_audio`)];
    default:
      throw unsupported(place);
  }
}

function imagePart(url: unknown, place: string): SaidPart {
  if (typeof url !== 'string' || url === '') throw invalid(place, 'expected an address');
  const data = readDataUrl(url);
  if (data !== undefined) return { is: 'data', ...data, place };
  if (!/^https?:\/\//i.test(url)) throw invalid(place, 'expected an http, https or data address');
  return { is: 'address', url, of: 'image', place };
}

function filePart({ file_data: data, file_url: url, filename }: Fields, place: string): SaidPart {
  if (typeof url === 'string') return { is: 'address', url, of: 'file', place: `${place}.file_url` };
  if (typeof data !== 'string') throw unsupported(place);
  const read = readDataUrl(data) ?? { mediaType: 'application/pdf', base64: data };
  return { is: 'data', ...read, place: `${place}.file_data`, ...(typeof filename === 'string' ? { filename } : {}) };
}

function soundPart({ data, format }: Fields, place: string): SaidPart {
  const mediaType = soundTypes[String(format)];
  if (mediaType === undefined) throw invalid(`${place}.format`, "expected 'wav' or 'mp3'");
  if (typeof data !== 'string') throw invalid(`${place}.data`, 'expected base64');
  return { is: 'data', mediaType, base64: data, place: `${place}.data` };
}
