import { invalid } from '../../call/request-body.js';

/** What the name of a model tells about it. */
export interface GeminiModel {
  /** As the wire names it: `models/…` or `tunedModels/…`. */
  readonly resource: string;
  /** The last part of its name, in lower case. */
  readonly name: string;
  /**
   * Its generation: `old` is before 2.5, `3` is 3 and later. A Gemini whose name tells no number (`gemini-flash-latest`) is one
   * of the newest; `other` is no Gemini, or a tuned model.
   */
  readonly generation: 'old' | '2.5' | '3' | 'other';
  /** The number in its name, e.g. 3.1; undefined where there is none. */
  readonly version: number | undefined;
}

const collections = /^(models|tunedModels)\//;
const versioned = /^gemini-(?:[a-z-]+-)?(\d+(?:\.\d+)?)(?:-|$)/;

/** @param model the name of the provider; one that begins with `models/` or `tunedModels/` is taken as it is. */
export function geminiModel(model: unknown): GeminiModel {
  if (typeof model !== 'string' || model === '') throw invalid('model', 'expected the name of a model');
  const collection = collections.exec(model)?.[1] ?? 'models';
  const id = model.replace(collections, '');
  const name = id.slice(id.lastIndexOf('/') + 1).toLowerCase();
  const number = versioned.exec(name)?.[1];
  const version = number === undefined ? undefined : Number(number);
  const isGemini = collection === 'models' && name.startsWith('gemini-');
  return {
    resource: `${collection}/${id}`,
    name,
    generation: isGemini ? generationOf(version) : 'other',
    version,
  };
}

/**
 * The path of a call below the base URL, the model's name percent-encoded.
 * @param named a path that the connection names: it stands for the model, in front of `:<method>`.
 */
export function geminiPath({ resource }: GeminiModel, method: string, named: string | undefined): string {
  if (named !== undefined) return `${named.replace(/:\w+(?:\?.*)?$/, '')}:${method}`;
  const end = resource.indexOf('/') + 1;
  return `/${resource.slice(0, end)}${encodeURIComponent(resource.slice(end))}:${method}`;
}

function generationOf(version: number | undefined): GeminiModel['generation'] {
  if (version === undefined || version >= 3) return '3';
  return version >= 2.5 ? '2.5' : 'old';
}
