import type { ConnectionPaths } from '../../contracts/connection-paths.js';
import type { ConnectionOptions } from '../../contracts/connections.js';
import { namesDeployments } from '../../contracts/wires.js';
import { AppError } from '../../kernel/app-error.js';
import { upstreamTarget } from '../../platform/upstream/origin.js';

/** Where a provider is asked for what below its base URL, unless its connection names another path. */
const usualPaths = {
  chat: '/chat/completions',
  completions: '/completions',
  embeddings: '/embeddings',
  responses: '/responses',
  moderations: '/moderations',
  images: '/images/generations',
  image_edits: '/images/edits',
  image_variations: '/images/variations',
  speech: '/audio/speech',
  transcriptions: '/audio/transcriptions',
  translations: '/audio/translations',
  models: '/models',
} as const satisfies Required<ConnectionPaths>;

type PathName = keyof typeof usualPaths;

/** What Azure never asks of a deployment: the model stands in the body, or there is none. */
const withoutDeployment: ReadonlySet<PathName> = new Set(['responses', 'moderations', 'models']);

/** The paths of a provider by what they serve, with the base URL's own path before them and the query behind. */
export type ProviderPaths = Readonly<Record<PathName, string>>;

/** Where a provider is asked. */
export interface ProviderPlaces {
  readonly origin: string;
  /** The path of its base URL. */
  readonly basePath: string;
  /** Where it lists its models. */
  readonly models: string;
  /** Where it is asked for something that belongs to no model, with the path of the base URL before and the query behind. */
  placeOf(path: string): string;
  /** Where one of its models is asked. @throws AppError invalid_value for a name that no path can hold. */
  pathsOf(model: string): ProviderPaths;
}

/** What of a connection says where its provider is. */
export interface PlacedConnection {
  readonly baseUrl: string;
  readonly wire: string;
  readonly options: Pick<ConnectionOptions, 'paths' | 'api_version'>;
}

/**
 * Where the provider of a connection is asked. A path that the connection names stands as it is below the base URL; of the
 * others, those of a deployment have its name before them. @throws AppError as `upstreamTarget` does.
 */
export function providerPlaces({ baseUrl, wire, options }: PlacedConnection): ProviderPlaces {
  const { paths: named, api_version: version } = options;
  const { origin, path: basePath } = upstreamTarget(baseUrl, '/');
  const query = version === undefined ? '' : `?api-version=${encodeURIComponent(version)}`;
  const placeOf = (path: string): string => upstreamTarget(baseUrl, path).path + query;
  const place = (name: PathName, before: string): string => {
    const below = named[name] ?? (withoutDeployment.has(name) ? '' : before) + usualPaths[name];
    return placeOf(below);
  };
  const allBelow = (before: string): ProviderPaths => ({
    chat: place('chat', before),
    completions: place('completions', before),
    embeddings: place('embeddings', before),
    responses: place('responses', before),
    moderations: place('moderations', before),
    images: place('images', before),
    image_edits: place('image_edits', before),
    image_variations: place('image_variations', before),
    speech: place('speech', before),
    transcriptions: place('transcriptions', before),
    translations: place('translations', before),
    models: place('models', before),
  });
  const shared = allBelow('');
  const pathsOf = (model: string): ProviderPaths => {
    refuseUnnamable({ baseUrl, wire }, model, 'model');
    return allBelow(`/deployments/${encodeURIComponent(model)}`);
  };
  return { origin, basePath, models: shared.models, placeOf, pathsOf: namesDeployments(wire, baseUrl) ? pathsOf : () => shared };
}

/**
 * Refuses a model whose name would have to stand in a path that cannot hold it as one segment. Slashes are refused even
 * though they could be encoded: servers on the way may decode them, and a name would then leave its place.
 * @param param where the model is named. @throws AppError invalid_value.
 */
export function refuseUnnamable(
  { baseUrl, wire }: Pick<PlacedConnection, 'baseUrl' | 'wire'>,
  model: string,
  param: string,
): void {
  if (!namesDeployments(wire, baseUrl) || !/^\.*$|[/\\\p{Cc}\p{Cs}]/u.test(model)) return;
  throw new AppError('invalid_value', {
    param,
    message: 'The name of the model cannot be that of a deployment, which stands in the path of a call.',
  });
}
