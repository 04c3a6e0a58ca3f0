import type { IncomingMessage, ServerResponse } from 'node:http';
import { azureChat, azureImage, azureResponse, azureVectors, json, refuse, refuseContent } from './azure-answers.js';
import { listen, type Listening } from './listening.js';
import type { RecordedBody } from './recording-provider.js';

/** What Azure was asked. */
export interface AzureAsked {
  /** With its query. */
  readonly path: string;
  /** The deployment, wherever it stood. */
  readonly model: string | undefined;
}

export interface AzureProvider extends Listening {
  /** Ends with `/openai/v1`: the model stands in the body. */
  readonly url: string;
  /** Ends with `/openai`: the model stands in the path, and the version in the query. */
  readonly deploymentsUrl: string;
  /** What came and was not refused, the oldest first. */
  readonly asked: readonly AzureAsked[];
}

export const azureKey = 'azure-key';
export const azureEntraToken = 'entra-token';
/** The deployments that there are. None has the name of its model. */
export const azureDeployments = ['talker', 'coder', 'speaker', 'hearer', 'painter'] as const;

/** A call that Azure takes, without what of its address says so. */
interface Call {
  /** Below the base URL, or the deployment. */
  readonly route: string;
  readonly deployment: string | undefined;
}

/** A stand-in for Azure OpenAI: it refuses what Azure refuses, and remembers the rest. */
export async function startAzureProvider(): Promise<AzureProvider> {
  const asked: AzureAsked[] = [];
  const listening = await listen((text, request, response) => {
    const path = request.url ?? '';
    const { 'api-key': key, authorization } = request.headers;
    if (key !== azureKey && authorization !== `Bearer ${azureEntraToken}`)
      return refuse(response, 401, '401', 'Access denied due to invalid subscription key or wrong API endpoint.');
    const call = callOf(new URL(path, listening.url));
    if (call === undefined) return refuse(response, 404, '404', 'Resource not found');
    const model = call.deployment ?? modelIn(text, request);
    if (call.route !== '/models' && !azureDeployments.some((name) => name === model))
      return refuse(response, 404, 'DeploymentNotFound', 'The API deployment for this resource does not exist.');
    asked.push({ path, model });
    answer(call.route, text, response);
  });
  const at = listening.url.replace(/\/v1$/, '/openai');
  return { ...listening, url: `${at}/v1`, deploymentsUrl: at, asked };
}

/** What is asked under an address; undefined where Azure has nothing. */
function callOf({ pathname, searchParams }: URL): Call | undefined {
  const below = /^\/openai\/v1(\/.+)$/.exec(pathname)?.[1];
  if (below !== undefined) return { route: below, deployment: undefined };
  if (!/^\d{4}-\d\d-\d\d(-preview)?$/.test(searchParams.get('api-version') ?? '')) return undefined;
  const [, deployment, route] = /^\/openai\/deployments\/([^/]+)(\/.+)$/.exec(pathname) ?? [];
  if (deployment !== undefined && route !== undefined)
    return route === '/responses' ? undefined : { route, deployment: decodeURIComponent(deployment) };
  const shared = /^\/openai(\/(?:models|responses))$/.exec(pathname)?.[1];
  return shared === undefined ? undefined : { route: shared, deployment: undefined };
}

function modelIn(text: string, { headers, method }: IncomingMessage): string | undefined {
  if (method === 'GET') return undefined;
  if (headers['content-type']?.startsWith('multipart/form-data') === true)
    return /name="model"\r\n(?:[^\r]+\r\n)*\r\n([^\r]*)/.exec(text)?.[1];
  return (JSON.parse(text) as { model?: string }).model;
}

function answer(route: string, text: string, response: ServerResponse): void {
  const body = (): RecordedBody => JSON.parse(text) as RecordedBody;
  switch (route) {
    case '/models':
      return json(response, { data: [{ id: 'gpt-4.1', object: 'model', status: 'succeeded' }], object: 'list' });
    case '/chat/completions':
      return text.includes('harmful') ? refuseContent(response) : azureChat(body(), response);
    case '/responses':
      return azureResponse(body(), response);
    case '/embeddings':
      return azureVectors(body(), response);
    case '/audio/speech':
      return void response.writeHead(200, { 'content-type': 'audio/mpeg' }).end(Buffer.alloc(2_000, 1));
    case '/audio/transcriptions':
    case '/audio/translations':
      return json(response, { text: 'Heard.' });
    case '/images/generations':
      return azureImage('response_format' in body(), response);
    case '/images/edits':
      return azureImage(text.includes('name="response_format"'), response);
    default:
      return refuse(response, 404, '404', 'Resource not found');
  }
}
