import type { InferenceKind } from '../../call/inference-kind.js';
import { invalid, textMember } from '../../call/request-body.js';
import { charactersOf } from '../../wire/json-characters.js';
import { SingleRequest } from '../single/single-request.js';
import { SpeechAnswer } from './speech-answer.js';
import { SpeechEvents } from './speech-events.js';
import { moderationCall } from '../moderations/moderation-call.js';

const usualFormat = 'mp3';

/** `POST /audio/speech`: sound as bytes, or in events. The agent gives voice, format and speed that a request leaves out. */
export const speechKind: InferenceKind = {
  routeId: 'audio.speech.create',
  modality: 'speech',
  isDialogue: false,
  moderation: moderationCall,
  draft(request, endpoints) {
    const single = new SingleRequest(speechKind, request, endpoints, ['input']);
    const { body, chosen, agent } = single;
    const input = single.member('input');
    if (input?.kind !== 'string') throw invalid('input', 'expected a string');
    const wayOfStream = textMember(body, 'stream_format') ?? 'audio';
    if (wayOfStream !== 'audio' && wayOfStream !== 'sse') throw invalid('stream_format', "expected 'sse' or 'audio'");
    const usual = agent?.models.speech;
    const format = textMember(body, 'response_format') ?? usual?.format ?? usualFormat;
    single.setDefault('voice', usual?.voice);
    single.setDefault('response_format', usual?.format);
    single.setDefault('speed', usual?.speed);
    const measures = { characters: charactersOf(body.bytes, input.valueStart, input.valueEnd) };
    const path = chosen.target.paths.speech;
    if (wayOfStream === 'audio') return single.draft({ path, answer: new SpeechAnswer(format, measures) });
    const answer = new SpeechEvents(chosen.publishedName, measures);
    return single.draft({ path, answer, streamed: answer });
  },
};
