import type { IncomingHttpHeaders } from 'node:http';
import { wrongAnswer } from '../call/wrong-answer.js';

/** How a provider answered a call that asked for a stream: in events, in one piece, or in bytes that must be looked at. */
export type AnswerForm = 'events' | 'json' | 'unknown';

/** The media type of a head, without its parameters. */
export function mediaType(headers: IncomingHttpHeaders): string {
  const type = headers['content-type'];
  return type === 'application/json' ? type : (type?.split(';', 1)[0]?.trim().toLowerCase() ?? '');
}

/** The form by its media type. @throws AppError upstream_error for a type that is neither. */
export function formByType(type: string): AnswerForm {
  if (type === 'text/event-stream') return 'events';
  if (type === '' || type === 'text/plain' || type === 'application/octet-stream') return 'unknown';
  if (type === 'application/json' || type.endsWith('+json')) return 'json';
  throw wrongAnswer(`the provider answered with the media type "${type}"`);
}

/** What bytes without a telling media type are; undefined while they do not show it. */
export function formOf(bytes: Buffer): 'json' | 'events' | 'neither' | undefined {
  const start = bytes
    .toString('latin1', 0, 64)
    .replace(/^\xef\xbb\xbf/, '')
    .trimStart();
  if (start.startsWith('{')) return 'json';
  if (/^(?:data|event|id|retry|error)?:/.test(start)) return 'events';
  const mayBecome = ['data:', 'event:', 'id:', 'retry:', 'error:', '\xef\xbb\xbf'].some((name) => name.startsWith(start));
  return mayBecome && bytes.length < 4_096 ? undefined : 'neither';
}
