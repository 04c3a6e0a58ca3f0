import type { BytesAnswer } from '../../call/answer.js';
import { wrongAnswer } from '../../call/wrong-answer.js';

const usualType = 'text/plain; charset=utf-8';
const untold = new Set(['', 'application/octet-stream', 'binary/octet-stream']);
const told = /^(?:text\/[\w.+-]+|application\/(?:x-subrip|json))(?:\s*;\s*[\w-]+\s*=\s*"?[\w.:-]+"?)*$/i;
/** How an error begins that has the type of a text. */
const toldError = /^(\xef\xbb\xbf)?\s*\{\s*"(error|errors|detail)"/;

/** What was heard as a text: plain, or with times as subtitles. It passes as it comes; silence has none. */
export class TranscriptText implements BytesAnswer {
  readonly shape = 'bytes';
  readonly accept = 'text/plain, text/vtt, application/x-subrip, */*';

  mediaType(given: string): string {
    const type = given.trim();
    if (untold.has(type.toLowerCase())) return usualType;
    if (!told.test(type) || /^text\/(?:html|event-stream)\b/i.test(type))
      throw wrongAnswer(`the provider answered with the media type "${given}"`);
    return type;
  }

  judge(start: Buffer): void {
    if (toldError.test(start.toString('latin1', 0, 64))) throw wrongAnswer('it tells an error');
  }
}
