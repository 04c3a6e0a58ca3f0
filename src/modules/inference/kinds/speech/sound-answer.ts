import type { CallMeasures } from '../../../../platform/journal/call-record.js';
import type { BytesAnswer } from '../../call/answer.js';
import { wrongAnswer } from '../../call/wrong-answer.js';

/** Media types of the formats, for a provider that tells none. */
const types: Readonly<Record<string, string>> = {
  mp3: 'audio/mpeg',
  opus: 'audio/opus',
  aac: 'audio/aac',
  flac: 'audio/flac',
  wav: 'audio/wav',
  pcm: 'audio/pcm',
};

const brace = 0x7b;

/** Sound as the provider sends it. */
export class SoundAnswer implements BytesAnswer {
  readonly passesBytes = true;
  readonly accept = '*/*';

  /** @param format the asked one. */
  constructor(
    private readonly format: string,
    readonly measures: CallMeasures,
  ) {}

  mediaType(given: string): string {
    const type = given.split(';', 1)[0]?.trim().toLowerCase() ?? '';
    if (type.startsWith('audio/') || type.startsWith('video/')) return given;
    if (type === '' || type === 'application/octet-stream') return types[this.format] ?? 'application/octet-stream';
    throw wrongAnswer(`the provider answered with the media type "${type}" where sound was asked for`);
  }

  /** Of all formats only raw samples may begin like JSON, and then go on as no error does. */
  judge(start: Buffer): void {
    if (start.length === 0) throw wrongAnswer('the sound is empty');
    if (start[0] === brace && /^\{\s*"(?:error|detail|message|object|type)"/.test(start.toString('latin1')))
      throw wrongAnswer('the provider answered with JSON where sound was asked for');
  }
}
