import { wrongAnswer } from '../../call/wrong-answer.js';
import type { CallMeasures } from '../../../../platform/journal/call-record.js';
import { TypedEventsAnswer } from '../typed-events/typed-events-answer.js';

/** Sound in events: pieces of it, and an end with its usage. */
export class SpeechEvents extends TypedEventsAnswer {
  constructor(publishedName: string, measures: CallMeasures) {
    super(publishedName, {
      last: new Set(['speech.audio.done']),
      parts: 1,
      withheld: [],
      measures: ({ begun }) => (begun ? measures : undefined),
    });
  }

  /** A provider says nothing in one piece of JSON but errors. */
  reply(): never {
    throw wrongAnswer('the provider answered a call for a stream of sound with JSON');
  }
}
