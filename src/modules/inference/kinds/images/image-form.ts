import type { AgentSpec } from '../../../../contracts/agent-spec.js';
import type { ModelTarget } from '../../../agents/published-endpoint.js';

/** In which form images are asked for and shown. */
export interface ImageForm {
  /** The client may see addresses of the provider. */
  readonly showsUrls: boolean;
  /** The `response_format` that the provider is sent: none (undefined), another, or what the request and its agent say. */
  readonly sent: 'b64_json' | 'as it is' | undefined;
  /** Headers of the reply where the client gets another form than it asked for. */
  readonly headers: Readonly<Record<string, string>> | undefined;
}

const inOtherForm = { 'x-gt-image-form': 'b64_json' };

/**
 * The form of images. They come as data unless the agent allows its provider's addresses and nobody asked for data. Events
 * of a stream have no member for an address.
 * @param isStreamed the client gets events.
 * @param asked the request's `response_format`.
 * @param usual what the agent says of images; undefined for a raw model.
 * @param target the model that is asked.
 */
export function imageForm(
  isStreamed: boolean,
  asked: string | undefined,
  usual: AgentSpec['models']['image'],
  target: ModelTarget,
): ImageForm {
  const mayShow = usual?.provider_urls === true && !isStreamed;
  const showsUrls = mayShow && (asked ?? usual.response_format) !== 'b64_json';
  return {
    showsUrls,
    sent: showsUrls ? 'as it is' : mayRefuseForm(target) ? undefined : 'b64_json',
    headers: asked === 'url' && !mayShow ? inOtherForm : undefined,
  };
}

/**
 * OpenAI's newer models answer with data always, and refuse to be asked for it. The name of a deployment does not tell them
 * from the others, of which an address is then fetched.
 */
function mayRefuseForm({ model, connection }: ModelTarget): boolean {
  return connection.hasDeployments || /(?:^|\/)(?:gpt|chatgpt)-image/.test(model);
}
