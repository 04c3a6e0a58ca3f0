import type { InferenceKind } from '../../call/inference-kind.js';
import { flagMember, invalid, textMember } from '../../call/request-body.js';
import { readMember } from '../../wire/json-body.js';
import { SingleRequest } from '../single/single-request.js';
import { ImagesAnswer } from './images-answer.js';
import { imageForm } from './image-form.js';
import { moderationCall } from '../moderations/moderation-call.js';

const mostImages = 10;

/**
 * `POST /images/generations`: images as data, or as a provider's addresses where the agent says so; in events with
 * `stream: true`. The agent gives size, quality and form where the request leaves them out.
 */
export const imagesKind: InferenceKind = {
  routeId: 'images.generate',
  modality: 'image',
  isDialogue: false,
  moderation: moderationCall,
  draft(request, endpoints) {
    const single = new SingleRequest(imagesKind, request, endpoints, ['prompt']);
    const { body, chosen } = single;
    textMember(body, 'prompt');
    const usual = single.agent?.models.image;
    single.setDefault('size', usual?.size);
    single.setDefault('quality', usual?.quality);
    const isStreamed = flagMember(body, 'stream');
    const form = imageForm(isStreamed, textMember(body, 'response_format'), usual, chosen.target);
    if (form.sent === 'as it is') single.setDefault('response_format', usual?.response_format);
    else single.set('response_format', form.sent);
    const answer = new ImagesAnswer({
      publishedName: chosen.publishedName,
      count: countOf(single),
      look: {
        background: single.textOf('background'),
        output_format: single.textOf('output_format'),
        quality: single.textOf('quality') ?? usual?.quality,
        size: textMember(body, 'size') ?? usual?.size,
      },
      showsUrls: form.showsUrls,
      events: 'image_generation',
    });
    return single.draft({
      path: chosen.target.paths.images,
      answer,
      streamed: isStreamed ? answer : undefined,
      ...(form.headers === undefined ? {} : { replyHeaders: form.headers }),
    });
  },
};

function countOf(single: SingleRequest): number {
  const member = single.member('n');
  if (member === undefined) return 1;
  const value = member.kind === 'number' ? Number(readMember(single.body.bytes, member)) : NaN;
  if (!Number.isInteger(value) || value < 1 || value > mostImages)
    throw invalid('n', `expected an integer from 1 to ${mostImages}`);
  return value;
}
