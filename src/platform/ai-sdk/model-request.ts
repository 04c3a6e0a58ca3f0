import type { EmbeddingModelV3CallOptions, LanguageModelV3CallOptions } from '@ai-sdk/provider';
import { isFields, type Fields } from '../../kernel/fields.js';

/**
 * A request as it is written by `modules/inference/dialects/sdk`: the options of a call as JSON. JSON has no bytes and no
 * addresses: a file part has `base64` or `url` in place of its `data`, and `place`, where the client has put it.
 */
export interface WrittenRequest<Options> {
  readonly model: string;
  readonly options: Options;
}

export type LanguageOptions = Omit<LanguageModelV3CallOptions, 'abortSignal' | 'headers'>;
export type EmbeddingOptions = Omit<EmbeddingModelV3CallOptions, 'abortSignal' | 'headers'>;

/** A file that stands elsewhere, which the provider would have to fetch. */
export interface NamedFile {
  readonly url: string;
  readonly mediaType: string;
  readonly place: string;
}

/** Reads the request of a chat. */
export function readLanguageRequest(bytes: Buffer): WrittenRequest<LanguageOptions> & { readonly files: readonly NamedFile[] } {
  const { model, prompt, ...options } = JSON.parse(bytes.toString()) as { model: string; prompt: readonly Fields[] };
  const files: NamedFile[] = [];
  const messages = prompt.map((message) => ({ ...message, content: contentOf(message['content'], files) }));
  return { model, options: { ...options, prompt: messages } as unknown as LanguageOptions, files };
}

export function readEmbeddingRequest(bytes: Buffer): WrittenRequest<EmbeddingOptions> {
  const { model, ...options } = JSON.parse(bytes.toString()) as { model: string } & EmbeddingOptions;
  return { model, options };
}

function contentOf(content: unknown, files: NamedFile[]): unknown {
  if (!Array.isArray(content)) return content;
  return (content as unknown[]).map((part) => (isFields(part) && part['type'] === 'file' ? filePart(part, files) : part));
}

/** Bytes, never base64: some packages take a text for what the file says. */
function filePart({ base64, url, place, ...part }: Fields, files: NamedFile[]): Fields {
  if (typeof url !== 'string') return { ...part, data: new Uint8Array(Buffer.from(String(base64), 'base64')) };
  files.push({ url, mediaType: String(part['mediaType']), place: String(place) });
  return { ...part, data: new URL(url) };
}
