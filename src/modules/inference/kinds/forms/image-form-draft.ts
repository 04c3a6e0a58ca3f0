import type { ModelTarget, TenantEndpoints } from '../../../agents/published-endpoint.js';
import type { AnswerChoice, CallDraft } from '../../call/call-plan.js';
import type { InferenceRequest } from '../../call/inference-request.js';
import type { KindFacts } from '../../call/kind-facts.js';
import { imageForm } from '../images/image-form.js';
import { ImagesAnswer } from '../images/images-answer.js';
import { FormRequest } from './form-request.js';

const mostImages = 10;

/** The draft of a request that makes images of images. The agent gives size, quality and form as for those made of words. */
export function imageFormDraft(
  kind: KindFacts,
  request: InferenceRequest,
  endpoints: TenantEndpoints,
  { path, mayStream }: { readonly path: keyof ModelTarget['paths']; readonly mayStream: boolean },
): CallDraft {
  const form = new FormRequest(kind, request, endpoints, { file: 'image' });
  const { publishedName, target } = form.chosen;
  const usual = form.agent?.models.image;
  form.setDefault('size', usual?.size);
  if (mayStream) form.setDefault('quality', usual?.quality);
  const isStreamed = () => mayStream && form.flagOf('stream');
  const shape = () => imageForm(isStreamed(), request.form?.textOf('response_format'), usual, target);
  const { sent } = shape();
  if (sent === 'as it is') form.setDefault('response_format', usual?.response_format);
  else form.set('response_format', sent ?? null);
  const answers = (): AnswerChoice => {
    const { showsUrls, headers } = shape();
    const count = Number(form.textOf('n') ?? 1);
    const answer = new ImagesAnswer({
      publishedName,
      count: Number.isInteger(count) && count >= 1 && count <= mostImages ? count : 1,
      look: {
        background: form.textOf('background'),
        output_format: form.textOf('output_format'),
        quality: form.textOf('quality'),
        size: form.textOf('size'),
      },
      showsUrls,
      events: 'image_edit',
    });
    return {
      answer,
      streamed: isStreamed() ? answer : undefined,
      ...(headers === undefined ? {} : { replyHeaders: headers }),
    };
  };
  return form.draft({ path: target.paths[path], answers });
}
