import { speech } from './audio/speech.js';
import { transcribe, translate } from './audio/transcriptions.js';
import { chatCompletions } from './chat.js';
import { completions } from './completions.js';
import { embeddings } from './embeddings.js';
import type { Exchange } from './exchange.js';
import { editImages, generateImages, varyImages } from './images/images.js';
import { getModel, listModels } from './models.js';
import { moderations } from './moderations.js';
import { compactResponse, countInputTokens, createResponse, deleteResponse, getResponse } from './responses/responses.js';

/** One route of the provider's API. A path that ends in `/` takes everything below it. */
export interface SandboxRoute {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  /** True when the handler reads the body itself, as it comes: forms with files. */
  readonly readsBody?: boolean;
  readonly handle: (exchange: Exchange) => Promise<void>;
}

/** Every route of the provider's API: a new one is a file of its own and a line here. */
export const sandboxRoutes: readonly SandboxRoute[] = [
  { method: 'POST', path: '/v1/chat/completions', handle: chatCompletions },
  { method: 'POST', path: '/v1/completions', handle: completions },
  { method: 'POST', path: '/v1/embeddings', handle: embeddings },
  { method: 'POST', path: '/v1/responses', handle: createResponse },
  { method: 'POST', path: '/v1/responses/input_tokens', handle: countInputTokens },
  { method: 'POST', path: '/v1/responses/compact', handle: compactResponse },
  { method: 'GET', path: '/v1/responses/', handle: getResponse },
  { method: 'DELETE', path: '/v1/responses/', handle: deleteResponse },
  { method: 'POST', path: '/v1/moderations', handle: moderations },
  { method: 'POST', path: '/v1/images/generations', handle: generateImages },
  { method: 'POST', path: '/v1/images/edits', readsBody: true, handle: editImages },
  { method: 'POST', path: '/v1/images/variations', readsBody: true, handle: varyImages },
  { method: 'POST', path: '/v1/audio/speech', handle: speech },
  { method: 'POST', path: '/v1/audio/transcriptions', readsBody: true, handle: transcribe },
  { method: 'POST', path: '/v1/audio/translations', readsBody: true, handle: translate },
  { method: 'GET', path: '/v1/models', handle: listModels },
  { method: 'GET', path: '/v1/models/', handle: getModel },
];

const exact = new Map(sandboxRoutes.map((route) => [`${route.method} ${route.path}`, route]));
const below = sandboxRoutes.filter((route) => route.path.endsWith('/'));

/** The route for this method and path, or the methods that the path does have (none for an unknown path). */
export function findRoute(method: string, path: string): SandboxRoute | readonly string[] {
  const found = exact.get(`${method} ${path}`);
  if (found !== undefined) return found;
  const matching = [
    ...sandboxRoutes.filter((route) => route.path === path),
    ...below.filter((route) => path.length > route.path.length && path.startsWith(route.path)),
  ];
  return matching.find((route) => route.method === method) ?? matching.map((route) => route.method);
}
