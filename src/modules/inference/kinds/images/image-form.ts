import type { AgentSpec } from '../../../../contracts/agents.js';

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
 * @param model the provider's own name.
 */
export function imageForm(
  isStreamed: boolean,
  asked: string | undefined,
  usual: AgentSpec['models']['image'],
  model: string,
): ImageForm {
  const mayShow = usual?.provider_urls === true && !isStreamed;
  const showsUrls = mayShow && (asked ?? usual.response_format) !== 'b64_json';
  return {
    showsUrls,
    sent: showsUrls ? 'as it is' : answersData(model) ? undefined : 'b64_json',
    headers: asked === 'url' && !mayShow ? inOtherForm : undefined,
  };
}

/** OpenAI's models that answer with data always, and refuse to be asked for it. */
function answersData(model: string): boolean {
  return /(?:^|\/)(?:gpt|chatgpt)-image/.test(model);
}
