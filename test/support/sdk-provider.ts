import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Fields } from '../../src/kernel/fields.js';
import { listen, type Listening } from './listening.js';
import { sayingWires, sayOver, type Saying } from './sdk-sayings.js';

export type SdkWire = keyof typeof sayingWires;

/** One call that a provider was sent. */
export interface AskedOfSdk {
  readonly wire: SdkWire;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Fields;
  readonly streamed: boolean;
}

export type SdkAnswer = (asked: AskedOfSdk, response: ServerResponse) => void;

export interface SdkProvider extends Pick<Listening, 'close'> {
  /** What was sent, the oldest first. */
  readonly asked: readonly AskedOfSdk[];
  /** The base URL under which it is reached over a wire. */
  baseUrl(wire: SdkWire): string;
  /** Decides the answers to chats from now on. */
  answerWith(answer: SdkAnswer): void;
}

export const sdkToken = 'provider-token';

const vertexBase = '/v1/projects/acme/locations/us-central1/publishers/google';

/** Where each wire is asked, below the address of the stand-in. */
const bases: Readonly<Record<SdkWire, string>> = {
  'sdk:bedrock': '',
  'sdk:cohere': '/v2',
  'sdk:mistral': '/v1',
  'sdk:vertex': vertexBase,
};

/** What stands in a path by the wire that it belongs to. */
const chats: Readonly<Record<SdkWire, RegExp>> = {
  'sdk:bedrock': /^\/model\/[^/]+\/converse(-stream)?$/,
  'sdk:cohere': /^\/v2\/chat$/,
  'sdk:mistral': /^\/v1\/chat\/completions$/,
  'sdk:vertex': /^\/v1\/projects\/.*:(streamGenerateContent|generateContent)(\?alt=sse)?$/,
};

/** Vectors of two numbers for each text, as each provider gives them. */
const vectors: readonly (readonly [RegExp, (body: Fields) => object])[] = [
  [
    /^\/v1\/embeddings$/,
    (body) => ({
      object: 'list',
      data: (body['input'] as string[]).map(() => ({ embedding: [0.5, -1] })),
      usage: { prompt_tokens: 3 },
    }),
  ],
  [
    /^\/v2\/embed$/,
    (body) => ({
      id: 'a',
      embeddings: { float: (body['texts'] as string[]).map(() => [0.5, -1]) },
      meta: { billed_units: { input_tokens: 3 } },
    }),
  ],
  [/^\/model\/[^/]+\/invoke$/, () => ({ embedding: [0.5, -1], inputTextTokenCount: 3 })],
  [
    /:predict$/,
    (body) => ({
      predictions: (body['instances'] as object[]).map(() => ({
        embeddings: { values: [0.5, -1], statistics: { token_count: 3 } },
      })),
    }),
  ],
];

/** A stand-in for the providers that packages of the AI SDK speak to. It says `Hello there.` until it is told otherwise. */
export async function startSdkProvider(): Promise<SdkProvider> {
  const asked: AskedOfSdk[] = [];
  let answer: SdkAnswer = saying({ words: ['Hello ', 'there.'] });
  const listening = await listen((text, request, response) => {
    const path = request.url ?? '';
    const json = (status: number, body: object): void =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const body = text === '' ? {} : (JSON.parse(text) as Fields);
    if (!isSignedIn(request.headers)) return json(401, { message: 'Unauthorized' });
    if (path === '/v1/models') return json(200, { object: 'list', data: [{ id: 'mistral-small' }] });
    const vector = vectors.find(([pattern]) => pattern.test(path))?.[1];
    const wire = (Object.keys(chats) as SdkWire[]).find((one) => chats[one].test(path));
    const streamed = body['stream'] === true || /converse-stream|streamGenerate/.test(path);
    asked.push({ wire: wire ?? 'sdk:mistral', path, headers: request.headers, body, streamed });
    if (vector !== undefined) return json(200, vector(body));
    if (wire === undefined) return json(404, { message: 'Not found' });
    answer({ wire, path, headers: request.headers, body, streamed }, response);
  });
  const origin = listening.url.replace(/\/v1$/, '');
  return {
    asked,
    baseUrl: (wire) => `${origin}${bases[wire]}`,
    answerWith: (next) => {
      answer = next;
    },
    close: () => listening.close(),
  };
}

/** Says this, in whichever way was asked. */
export function saying(said: Saying): SdkAnswer {
  return ({ wire, streamed }, response) => sayOver(sayingWires[wire], response, said, streamed);
}

/** Refuses with this status, in the words of the provider. */
export function refusing(status: number, message: string, headers: Readonly<Record<string, string>> = {}): SdkAnswer {
  return ({ wire }, response) =>
    void response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify(sayingWires[wire].refusal(message)));
}

function isSignedIn({ authorization = '', 'x-goog-api-key': key }: IncomingHttpHeaders): boolean {
  return (
    authorization === `Bearer ${sdkToken}` || authorization.startsWith('AWS4-HMAC-SHA256 Credential=AKIA') || key === 'AIza-key'
  );
}
