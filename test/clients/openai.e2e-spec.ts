import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { runFolder } from '../support/postgres.js';
import { startProduct, type ProductProcess } from '../support/product-process.js';
import { everyRun, runs, sampledRuns, startClientPlatform, type ClientPlatform, type ClientRun } from './client-platform.js';
import { filesTable } from './openai-files.js';
import { runClient, type ClientResults } from './run-client.js';

let platform: ClientPlatform;
let worker: ProductProcess;
beforeAll(async () => {
  const dataDir = mkdtempSync(join(runFolder(), 'clients-'));
  platform = await startClientPlatform({ GT_DATA_DIR: dataDir });
  worker = await startProduct('worker', { databaseUrl: platform.app.databaseUrl, dataDir });
});
afterAll(async () => {
  await worker.stop();
  await platform.close();
});

const versions = [
  ...everyRun.map((run) => ({ package: 'openai', ...run })),
  // The same script with the newest version that runs here.
  ...sampledRuns.map((run) => ({ package: 'openai-newest', ...run })),
];

const streamed = [
  'response.created',
  'response.in_progress',
  'response.output_item.added',
  'response.content_part.added',
  'response.output_text.delta',
  'response.output_text.done',
  'response.content_part.done',
  'response.output_item.done',
  'response.completed',
];

describe.each(versions)("OpenAI's client ($package) on $basePath, the provider $behind", (run) => {
  let results: ClientResults;
  beforeAll(async () => void (results = await runClient(platform, 'openai', run, { package: run.package })));

  it.each([
    ['chat', { content: 'You said: hello', model: 'assistant', requestId: true }],
    ['stream', { content: 'You said: one two three', finished: 'stop', isChunked: true }],
    ['streamUsage', { content: 'You said: hi', total: expect.any(Number) }],
    ['tools', { name: 'weather', city: 'string', content: 'Tool said: sunny' }],
    ['runTools', 'Tool said: rainy'],
    ['models', { ids: ['assistant', 'raw-chat', 'studio'], one: 'assistant' }],
    ['completions', 'You said: hi'],
    ['completionsStream', 'You said: one two'],
    ['abort', { chunks: true }],
    ['create', { text: 'You said: hello', status: 'completed', object: 'response', model: 'assistant' }],
    ['chain', { text: 'You said: two', kept: 'You said: two', items: 1, gone: 404 }],
    ['streamHelper', { types: streamed, status: 'completed', text: expect.stringContaining('hello') }],
    ['streamedChain', { told: 'You said: there', same: true, status: 'completed' }],
    [
      'streamedCalls',
      [
        ['weather', true, 'string'],
        ['time', true, 'string'],
      ],
    ],
    ['toolLoop', { names: ['weather', 'time'], text: 'Tool said: sunny; sunny' }],
    ['parsed', ['city']],
    ['conversation', { text: 'You said: two', roles: ['user', 'assistant', 'user', 'assistant'] }],
    ['conversations', { topic: 'b', second: 'second', texts: ['first', 'second'], deleted: true, gone: 404 }],
    ['background', { first: 'queued', last: 'completed', text: 'You said: hello' }],
    ['backgroundStream', { isWhole: true, isRising: true, last: 'response.completed' }],
    ['cancel', ['cancelled', 'cancelled']],
    ['inputTokens', true],
    ['cut', 'response.failed'],
    [
      'stored',
      {
        isListed: true,
        content: 'You said: keep this',
        said: ['keep this'],
        metadata: { step: 'changed' },
        removed: true,
        gone: 404,
      },
    ],
  ])('%s works', (step, value) => {
    expect(results[step]).toEqual({ value });
  });

  it('compact works', () => {
    // On a wire whose sides take turns, what the user says in a row is one message.
    const text = ['anthropic', 'gemini'].includes(run.behind) ? 'You said: keep me\nnext' : 'You said: next';
    expect(results['compact']).toEqual({
      value: { object: 'response.compaction', kept: 'keep me', last: 'compaction', text },
    });
  });

  it('embeddings work where the provider has them', () => {
    const { value, error } = results['embeddings'] ?? {};
    if (run.behind === 'anthropic') expect([error?.status, error?.code]).toEqual([400, 'unsupported_modality']);
    else expect(value).toEqual({ same: true, length: 256, base64: 'string', model: 'assistant' });
  });

  it.each([
    ['moderations', { model: 'studio', flagged: [false, true] }],
    ['images', 'PNG'],
    ['imageStream', ['image_generation.partial_image', 'image_generation.completed']],
    ['speech', 'RIFF'],
    ['transcription', { text: 'Heard 9000 bytes of talk.wav', srt: '1' }],
    ['transcriptionStream', ['transcript.text.delta', 'transcript.text.done']],
    ['translation', 'Heard 9000 bytes of talk.wav'],
    ['transcriptionForms', { text: 'Heard 9000 bytes of talk.wav', vtt: 'WEBVTT', segments: true }],
    ['speechEvents', ['speech.audio.delta', 'speech.audio.done']],
    ['imageEditStream', ['image_edit.partial_image', 'image_edit.completed']],
    ['imageEdit', 'PNG'],
    ['imageVariation', 2],
  ])('%s works where the agent has a model for it', (step, value) => {
    const { error, ...told } = results[step] ?? {};
    if (run.behind === 'whole') expect({ ...told, error }).toEqual({ value });
    else
      expect([error?.class, error?.status, error?.code, error?.param]).toEqual([
        'BadRequestError',
        400,
        'unsupported_modality',
        'model',
      ]);
  });

  it.each([
    ['wrongKey', 'AuthenticationError', 401, 'invalid_api_key'],
    ['missingScope', 'PermissionDeniedError', 403, 'insufficient_scope'],
    ['unknownModel', 'NotFoundError', 404, 'model_not_found'],
    ['unknownRoute', 'NotFoundError', 404, 'unknown_url'],
    ['badRequest', 'BadRequestError', 400, 'missing_required_parameter'],
    ['unknownPrevious', 'BadRequestError', 400, 'previous_response_not_found'],
    ['rateLimit', 'RateLimitError', 429, 'rate_limit_exceeded'],
    ['providerFault', 'InternalServerError', 502, 'upstream_error'],
    ['midStream', 'APIError', undefined, 'upstream_error'],
    ['abortBefore', 'APIUserAbortError', undefined, undefined],
  ])('%s is raised as %s', (step, type, status, code) => {
    const { error } = results[step] ?? {};
    expect([error?.class, error?.status, error?.code]).toEqual([type, status, code]);
  });

  it('leaves no call at the provider', () => platform.untilIdle());
});

/** Stores and batches of embeddings need a provider that has them, which Anthropic has not. */
const embeds = ({ behind }: ClientRun): boolean => behind !== 'anthropic';

const filesVersions = [
  ...runs.filter(embeds).map((run) => ({ package: 'openai-newest', ...run })),
  ...sampledRuns.filter(embeds).map((run) => ({ package: 'openai', ...run })),
];

describe.each(filesVersions)("files, stores and batches of OpenAI's client ($package), the provider $behind", (run) => {
  let results: ClientResults;
  beforeAll(async () => void (results = await runClient(platform, 'openai-files', run, { package: run.package })));

  it.each(filesTable)('%s works', (step, value) => {
    expect(results[step]).toEqual({ value });
  });
});
