import type { AppError } from '../../../kernel/app-error.js';
import { parsedOrUndefined } from '../../../kernel/parse-json.js';
import { hasTooManyValues } from '../wire/counted-json.js';
import { readExact } from '../wire/exact-json.js';
import { wrongAnswer } from './wrong-answer.js';

/** First bytes of `data:` and `event:`; JSON begins with neither. */
const dataStart = 0x64;
const typeLine = 0x65;
const dataLine = Buffer.from('\ndata:');

/** One event of a stream or one whole reply, on its way to the client: its bytes, and what they say for whoever asks. */
export class AnswerPart {
  private parsed: unknown;
  private isParsed = false;

  /** @param bytes as the client gets them: an event with its blank line, or the JSON of a reply. */
  constructor(readonly bytes: Buffer) {}

  /**
   * What the bytes say, parsed when it is first asked for; undefined when that is no JSON.
   * @throws AppError upstream_error where they have so many values that parsing them would hold up everybody.
   */
  get value(): unknown {
    if (!this.isParsed) {
      if (hasTooManyValues(this.bytes)) throw tooManyValues();
      this.isParsed = true;
      this.parsed = parsedOrUndefined(this.json.toString('utf8'));
    }
    return this.parsed;
  }

  /** The same with all numbers as they were written: see `readExact`. */
  get exact(): unknown {
    return this.value === undefined ? undefined : readExact(this.json, this.value);
  }

  /** The same as values of the caller's own, which it may go on writing to. @throws AppError as `value`. */
  ownExact(): unknown {
    if (hasTooManyValues(this.bytes)) throw tooManyValues();
    const own = parsedOrUndefined(this.json.toString('utf8'));
    return own === undefined ? undefined : readExact(this.json, own);
  }

  /** The JSON of the part: of an event what its one `data:` line holds, before which its type may stand. */
  get json(): Buffer {
    const { bytes } = this;
    if (!this.isEvent) return bytes;
    return bytes.subarray((bytes[0] === typeLine ? bytes.indexOf(dataLine) + 1 : 0) + 'data:'.length);
  }

  /** True for an event of a stream. */
  get isEvent(): boolean {
    const [first] = this.bytes;
    return first === dataStart || first === typeLine;
  }
}

/** An event of one `data:` line. */
export function eventPart(json: Buffer): AnswerPart {
  return new AnswerPart(Buffer.concat([Buffer.from('data: '), json, Buffer.from('\n\n')]));
}

function tooManyValues(): AppError {
  return wrongAnswer('it has too many values to be read');
}
