import type { CallMeasures } from '../../../../platform/journal/call-record.js';
import type { BytesAnswer } from '../../call/answer.js';
import { wrongAnswer } from '../../call/wrong-answer.js';

const usualType = 'text/plain; charset=utf-8';
const untold = new Set(['', 'application/octet-stream', 'binary/octet-stream']);
const told = /^(?:text\/[\w.+-]+|application\/(?:x-subrip|json))(?:\s*;\s*[\w-]+\s*=\s*"?[\w.:-]+"?)*$/i;
/** How an error begins that has the type of a text. */
const toldError = /^(\xef\xbb\xbf)?\s*\{\s*"(error|errors|detail)"/;

/** So much of the end of subtitles is kept: it holds the last times, however long the last words are. */
const tailBytes = 8 * 1024;
/** Where words begin and end in SubRip and WebVTT; hours may be missing. */
const times = /-->[ \t]*(?:(\d+):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?/g;

/** What was heard as a text: plain, or with times as subtitles. It passes as it comes; silence has none. */
export class TranscriptText implements BytesAnswer {
  readonly shape = 'bytes';
  readonly isText = true;
  private tail = Buffer.alloc(0);

  /**
   * @param format what was asked for.
   * @param sentSeconds how long the sound was that was sent, if anybody knows.
   */
  constructor(
    private readonly format: string,
    private readonly sentSeconds: () => number | undefined,
  ) {}

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

  take(bytes: Buffer): void {
    if (this.format !== 'srt' && this.format !== 'vtt') return;
    this.tail = Buffer.concat([this.tail, bytes.subarray(-tailBytes)]).subarray(-tailBytes);
  }

  /** The sound is as long as the last words say that were heard, else as it was sent. */
  get measures(): CallMeasures | undefined {
    const audioSeconds = this.lastEnd() ?? this.sentSeconds();
    return audioSeconds === undefined ? undefined : { audioSeconds };
  }

  private lastEnd(): number | undefined {
    const last = [...this.tail.toString('latin1').matchAll(times)].at(-1);
    if (last === undefined) return undefined;
    const [, hours = '0', minutes = '0', seconds = '0', fraction = '0'] = last;
    return Number(hours) * 3_600 + Number(minutes) * 60 + Number(`${seconds}.${fraction}`);
  }
}
