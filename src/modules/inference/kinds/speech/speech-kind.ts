import type { InferenceKind } from '../../call/inference-kind.js';
import { invalid, missing, textMember } from '../../call/request-body.js';
import { wrongAnswer } from '../../call/wrong-answer.js';
import { SingleRequest } from '../single/single-request.js';
import { TypedEventsAnswer } from '../single/typed-events.js';
import { SoundAnswer } from './sound-answer.js';

const defaultFormat = 'mp3';

/** `POST /audio/speech`: sound as bytes, or in events with `stream_format: "sse"`. The agent gives voice and format. */
export const speechKind: InferenceKind = {
  routeId: 'audio.speech.create',
  modality: 'speech',
  isDialogue: false,
  draft(request, endpoints) {
    const single = new SingleRequest(speechKind, request, endpoints, ['input']);
    const { body, chosen } = single;
    const input = textMember(body, 'input');
    if (input === undefined) throw missing('input');
    const usual = single.agent?.models.speech;
    single.setDefault('voice', usual?.voice);
    single.setDefault('response_format', usual?.format);
    if (single.member('voice') === undefined && usual?.voice === undefined) throw missing('voice');
    const style = textMember(body, 'stream_format') ?? 'audio';
    if (style !== 'audio' && style !== 'sse') throw invalid('stream_format', "expected 'audio' or 'sse'");
    const measures = { characters: charactersOf(input) };
    const sound = new SoundAnswer(textMember(body, 'response_format') ?? usual?.format ?? defaultFormat, measures);
    const noReply = (): never => {
      throw wrongAnswer('the provider answered with JSON where sound was asked for');
    };
    const events = new TypedEventsAnswer({ last: 'speech.audio.done', measures, reply: noReply, eventsOf: noReply });
    return single.draft({
      path: chosen.target.connection.paths.speech,
      answer: sound,
      streamed: style === 'sse' ? events : undefined,
    });
  },
};

/** A character outside of the basic plane is one, too. */
function charactersOf(text: string): number {
  return text.length - (text.match(/[\uD800-\uDBFF]/g)?.length ?? 0);
}
