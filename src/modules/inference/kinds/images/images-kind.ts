import type { InferenceKind } from '../../call/inference-kind.js';
import { flagMember, invalid, textMember } from '../../call/request-body.js';
import { readMember } from '../../wire/json-body.js';
import { SingleRequest } from '../single/single-request.js';
import { TypedEventsAnswer } from '../single/typed-events.js';
import { ImagesAnswer, imageEvents } from './images-answer.js';

const mostImages = 10;

/**
 * `POST /images/generations`: images as data, or as a provider's addresses where the agent says so; in events with
 * `stream: true`.
 */
export const imagesKind: InferenceKind = {
  routeId: 'images.generate',
  modality: 'image',
  isDialogue: false,
  draft(request, endpoints) {
    const single = new SingleRequest(imagesKind, request, endpoints, ['prompt']);
    const { body, chosen } = single;
    textMember(body, 'prompt');
    const showsUrls = single.agent?.models.image?.provider_urls === true;
    const format = textMember(body, 'response_format');
    const hides = !showsUrls && format !== 'b64_json' && (format !== undefined || !answersData(chosen.target.model));
    if (hides) single.set('response_format', 'b64_json');
    const asked = { publishedName: chosen.publishedName, count: countOf(single), size: textMember(body, 'size'), showsUrls };
    return single.draft({
      path: chosen.target.connection.paths.images,
      answer: new ImagesAnswer(asked),
      streamed: flagMember(body, 'stream') ? new TypedEventsAnswer(imageEvents(asked)) : undefined,
      ...(hides && format === 'url' ? { replyHeaders: { 'x-gt-image-form': 'b64_json' } } : {}),
    });
  },
};

/** Models that answer with data always, and refuse to be asked for it. */
function answersData(model: string): boolean {
  return /(?:^|\/)(?:gpt|chatgpt)-image/.test(model);
}

function countOf(single: SingleRequest): number {
  const member = single.member('n');
  if (member === undefined) return 1;
  const value = member.kind === 'number' ? Number(readMember(single.body.bytes, member)) : NaN;
  if (!Number.isInteger(value) || value < 1 || value > mostImages)
    throw invalid('n', `expected an integer from 1 to ${mostImages}`);
  return value;
}
