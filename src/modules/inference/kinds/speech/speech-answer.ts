import type { CallMeasures } from '../../../../platform/journal/call-record.js';
import type { BytesAnswer } from '../../call/answer.js';
import { wrongAnswer } from '../../call/wrong-answer.js';
import { soundType } from './sound-types.js';

/** How a JSON object begins that is an error under another type. No sound begins so. */
const toldError = /^(\xef\xbb\xbf)?\s*\{\s*"(error|errors|detail|message|object|code|status|type)"/;

/** Sound as it comes from the provider. */
export class SpeechAnswer implements BytesAnswer {
  readonly shape = 'bytes';
  readonly accept = 'application/octet-stream';

  /** @param format what was asked for. */
  constructor(
    private readonly format: string,
    readonly measures: CallMeasures,
  ) {}

  mediaType(given: string): string {
    const type = soundType(given, this.format);
    if (type === undefined) throw wrongAnswer(`the provider answered with the media type "${given}"`);
    return type;
  }

  judge(start: Buffer): void {
    if (start.length === 0) throw wrongAnswer('there is no sound in it');
    if (toldError.test(start.toString('latin1', 0, 64))) throw wrongAnswer('it tells an error');
  }
}
