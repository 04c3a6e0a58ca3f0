import { speech } from './audio/speech.js';
import { transcribe, translate } from './audio/transcriptions.js';
import { chatCompletions } from './chat.js';
import { completions } from './completions.js';
import { embeddings } from './embeddings.js';
import type { Exchange } from './exchange.js';
import { createFile, deleteFile, getFile, listFiles } from './files/files.js';
import { changeJob, createJob, getJob, listJobs } from './fine-tuning/fine-tuning.js';
import { editImages, generateImages, varyImages } from './images/images.js';
import { deleteModel, getModel, listModels } from './models.js';
import { moderations } from './moderations.js';
import { compactResponse, countInputTokens, createResponse, deleteResponse, getResponse } from './responses/responses.js';

/** The parts of the API that a sandbox can be narrowed to. The list of models is no part: it is always there. */
export const sandboxParts = [
  'chat',
  'completions',
  'embeddings',
  'responses',
  'moderations',
  'images',
  'speech',
  'transcriptions',
  'files',
  'fine_tuning',
] as const;

export type SandboxPart = (typeof sandboxParts)[number];

/** One route of the provider's API. A path that ends in `/` takes everything below it. */
export interface SandboxRoute {
  readonly part: SandboxPart | undefined;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  /** True when the handler reads the body itself, as it comes: forms with files. */
  readonly readsBody?: boolean;
  readonly handle: (exchange: Exchange) => Promise<void>;
}

/** Every route of the provider's API: a new one is a file of its own and a line here. */
const sandboxRoutes: readonly SandboxRoute[] = [
  { part: 'chat', method: 'POST', path: '/v1/chat/completions', handle: chatCompletions },
  { part: 'completions', method: 'POST', path: '/v1/completions', handle: completions },
  { part: 'embeddings', method: 'POST', path: '/v1/embeddings', handle: embeddings },
  { part: 'responses', method: 'POST', path: '/v1/responses', handle: createResponse },
  { part: 'responses', method: 'POST', path: '/v1/responses/input_tokens', handle: countInputTokens },
  { part: 'responses', method: 'POST', path: '/v1/responses/compact', handle: compactResponse },
  { part: 'responses', method: 'GET', path: '/v1/responses/', handle: getResponse },
  { part: 'responses', method: 'DELETE', path: '/v1/responses/', handle: deleteResponse },
  { part: 'moderations', method: 'POST', path: '/v1/moderations', handle: moderations },
  { part: 'images', method: 'POST', path: '/v1/images/generations', handle: generateImages },
  { part: 'images', method: 'POST', path: '/v1/images/edits', readsBody: true, handle: editImages },
  { part: 'images', method: 'POST', path: '/v1/images/variations', readsBody: true, handle: varyImages },
  { part: 'speech', method: 'POST', path: '/v1/audio/speech', handle: speech },
  { part: 'transcriptions', method: 'POST', path: '/v1/audio/transcriptions', readsBody: true, handle: transcribe },
  { part: 'transcriptions', method: 'POST', path: '/v1/audio/translations', readsBody: true, handle: translate },
  { part: 'files', method: 'POST', path: '/v1/files', readsBody: true, handle: createFile },
  { part: 'files', method: 'GET', path: '/v1/files', handle: listFiles },
  { part: 'files', method: 'GET', path: '/v1/files/', handle: getFile },
  { part: 'files', method: 'DELETE', path: '/v1/files/', handle: deleteFile },
  { part: 'fine_tuning', method: 'POST', path: '/v1/fine_tuning/jobs', handle: createJob },
  { part: 'fine_tuning', method: 'GET', path: '/v1/fine_tuning/jobs', handle: listJobs },
  { part: 'fine_tuning', method: 'GET', path: '/v1/fine_tuning/jobs/', handle: getJob },
  { part: 'fine_tuning', method: 'POST', path: '/v1/fine_tuning/jobs/', handle: changeJob },
  { part: 'fine_tuning', method: 'DELETE', path: '/v1/models/', handle: deleteModel },
  { part: undefined, method: 'GET', path: '/v1/models', handle: listModels },
  { part: undefined, method: 'GET', path: '/v1/models/', handle: getModel },
];

/** The route for this method and path, or the methods that the path does have (none for an unknown path). */
export type RouteFinder = (method: string, path: string) => SandboxRoute | readonly string[];

/** Finds the routes of these parts and of the models; without parts, every route. */
export function routeFinder(only: readonly SandboxPart[] | undefined): RouteFinder {
  const routes = sandboxRoutes.filter(({ part }) => only === undefined || part === undefined || only.includes(part));
  const exact = new Map(routes.map((route) => [`${route.method} ${route.path}`, route]));
  const below = routes.filter((route) => route.path.endsWith('/'));
  return (method, path) => {
    const found = exact.get(`${method} ${path}`);
    if (found !== undefined) return found;
    const matching = [
      ...routes.filter((route) => route.path === path),
      ...below.filter((route) => path.length > route.path.length && path.startsWith(route.path)),
    ];
    return matching.find((route) => route.method === method) ?? matching.map((route) => route.method);
  };
}
