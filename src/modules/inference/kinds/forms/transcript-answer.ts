import { isFields } from '../../../../kernel/fields.js';
import type { CallMeasures } from '../../../../platform/journal/call-record.js';
import type { WholeReply } from '../../call/answer.js';
import { wrongAnswer } from '../../call/wrong-answer.js';
import { tellsError } from '../../wire/chat-event.js';
import { parseCounted } from '../../wire/counted-json.js';
import { findMember, readObject, type JsonBody } from '../../wire/json-body.js';
import { spliceBody } from '../../wire/json-edit.js';
import { eventBytes } from '../../wire/typed-event.js';
import { readUsage } from '../../wire/usage-tokens.js';
import { TypedEventsAnswer } from '../typed-events/typed-events-answer.js';

const deltaType = 'transcript.text.delta';
const doneType = 'transcript.text.done';

/** What was heard, as JSON in one of its forms, or in events: pieces of the text, and an end with all of it and its usage. */
export class TranscriptAnswer extends TypedEventsAnswer {
  /** @param sentSeconds how long the sound was that was sent, if anybody knows. */
  constructor(
    publishedName: string,
    private readonly sentSeconds: () => number | undefined,
  ) {
    super(publishedName, {
      last: new Set([doneType]),
      parts: 1,
      withheld: [],
      measures: ({ newest }) => (newest === undefined ? undefined : measuresOf(newest, sentSeconds)),
    });
  }

  reply(bytes: Buffer): WholeReply {
    const body = readObject(bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes);
    if (!body.ok) throw wrongAnswer(`the provider's reply is no answer: ${body.message}`);
    if (tellsError(body)) throw wrongAnswer('it tells an error');
    if (findMember(body.scan, 'text')?.kind !== 'string') throw wrongAnswer('it has no text');
    const isNamed = findMember(body.scan, 'model')?.kind === 'string';
    const model = Buffer.from(JSON.stringify(this.publishedName));
    return {
      bytes: isNamed ? spliceBody(body.bytes, body.scan, [{ op: 'set', key: 'model', value: model }]) : body.bytes,
      tokens: readUsage(valueOf(body, 'usage')),
      measures: measuresOf(body, this.sentSeconds),
    };
  }

  override eventsOf(reply: Buffer): Buffer {
    const said = parseCounted(reply);
    const { text, usage, logprobs } = isFields(said) ? said : {};
    const done = eventBytes(doneType, JSON.stringify({ type: doneType, text, logprobs, usage }));
    if (text === '') return done;
    return Buffer.concat([eventBytes(deltaType, JSON.stringify({ type: deltaType, delta: text, logprobs })), done]);
  }
}

/** The length of the sound: as it is billed, else as it was heard, else as it was sent. */
function measuresOf(body: JsonBody, sentSeconds: () => number | undefined): CallMeasures | undefined {
  const usage = valueOf(body, 'usage');
  const billed = isFields(usage) && usage['type'] === 'duration' ? usage['seconds'] : undefined;
  const audioSeconds = secondsOf(billed) ?? secondsOf(valueOf(body, 'duration')) ?? sentSeconds();
  return audioSeconds === undefined ? undefined : { audioSeconds };
}

/** Some providers write the number as a text. */
function secondsOf(value: unknown): number | undefined {
  const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
}

function valueOf(body: JsonBody, name: string): unknown {
  const member = findMember(body.scan, name);
  return member === undefined ? undefined : parseCounted(body.bytes, member.valueStart, member.valueEnd);
}
