import { describe, expect, it } from '@jest/globals';
import { describedRoute } from '../../src/catalog/described-route.js';
import { OpenApiSchemas } from '../../src/catalog/openapi-schemas.js';
import { routeIds, type RouteId } from '../../src/catalog/routes.js';
import { knownItems, memberNames, unknownMembers, type Known } from '../support/member-names.js';
import { declared, described } from '../support/openai-schema.js';
import { shapes } from '../support/reply-shapes.js';
import type { Schema, Schemas } from '../support/schema-faults.js';
import { schemasOfTypes } from '../support/type-schemas.js';

const own = new OpenApiSchemas();
const types = schemasOfTypes();

/** Bodies that are passed on: what the package declares, and what OpenAI's description calls them. */
const requests: Partial<Record<RouteId, readonly [declared: string, described: string]>> = {
  'chat.completions.create': ['ChatCompletionCreateParamsBase', 'CreateChatCompletionRequest'],
  'completions.create': ['CompletionCreateParamsBase', 'CreateCompletionRequest'],
  'embeddings.create': ['EmbeddingCreateParams', 'CreateEmbeddingRequest'],
  'moderations.create': ['ModerationCreateParams', 'CreateModerationRequest'],
  'images.generate': ['ImageGenerateParamsBase', 'CreateImageRequest'],
  'images.edit': ['ImageEditParamsBase', 'CreateImageEditRequest'],
  'images.vary': ['ImageCreateVariationParams', 'CreateImageVariationRequest'],
  'audio.speech.create': ['SpeechCreateParams', 'CreateSpeechRequest'],
  'audio.transcriptions.create': ['TranscriptionCreateParamsBase', 'CreateTranscriptionRequest'],
  'audio.translations.create': ['TranslationCreateParams', 'CreateTranslationRequest'],
  'responses.create': ['ResponseCreateParamsBase', 'CreateResponse'],
  'responses.compact': ['ResponseCompactParams', 'CompactResponseMethodPublicBody'],
  'responses.input_tokens': ['InputTokenCountParams', 'TokenCountsBody'],
};

/** What the platform adds to OpenAI's objects, and what stored objects show of their requests. */
const added: readonly RegExp[] = [
  /(?:^|\.|\])gt$/,
  /^ConversationResource\.(?:title|model)$/,
  /^(?:VectorStoreObject|ListVectorStoresResponse\.data\[\])\.description$/,
  /^ChatCompletionList\.data\[\]\.(?:request_id|input_user|tools|tool_choice|response_format|seed|temperature|top_p)$/,
  /^ChatCompletionList\.data\[\]\.(?:presence|frequency)_penalty$/,
  // Filters stand in each other more than once.
  /\.filters\.filters\[\]\.filters$/,
  // What OpenAI's API has and its description has not.
  /^Response(?:StreamEvent\.response)?\.store$/,
  /^ResponseStreamEvent\.obfuscation$/,
  /^ResponseStreamEvent\.logprobs\[\](?:\.top_logprobs\[\])?\.bytes$/,
  // One form for what OpenAI has in several.
  /^Image(?:Gen|Edit)StreamEvent\.usage\.output_tokens_details$/,
  /^CreateTranslationResponse\w+\.segments\[\]\.(?:type|speaker)$/,
  /^CreateTranscriptionResponseStreamEvent\.usage\.seconds$/,
];

/** Members that OpenAI's description has, and the package's declarations have not yet. */
const newer: ReadonlySet<string> = new Set([
  'allowed_callers',
  'background',
  'cache_write_tokens',
  'caller',
  'command',
  'command_index',
  'context',
  'created_by',
  'detail',
  'external_web_access',
  'fingerprint',
  'image_tokens',
  'keywords',
  'languages',
  'max_tool_calls',
  'metadata',
  'mode',
  'moderation',
  'name',
  'obfuscation',
  'namespace',
  'output_format',
  'output_schema',
  'personality',
  'prompt_cache_breakpoint',
  'prompt_cache_options',
  'prompt_cache_retention',
  'quality',
  'service_tier',
  'size',
  'status',
  'text_tokens',
  'top_logprobs',
  'tunnel_id',
  'type',
]);

const isAdded = (path: string): boolean =>
  added.some((pattern) => pattern.test(path)) || (described === undefined && newer.has(path.split('.').at(-1) ?? ''));

/** Replies whose forms are described as one. */
const together: Readonly<Record<string, readonly string[]>> = {
  CreateTranscriptionResponseJson: ['CreateTranscriptionResponseVerboseJson', 'CreateTranscriptionResponseDiarizedJson'],
  CreateTranscriptionResponseVerboseJson: ['CreateTranscriptionResponseJson', 'CreateTranscriptionResponseDiarizedJson'],
  CreateTranscriptionResponseDiarizedJson: ['CreateTranscriptionResponseJson', 'CreateTranscriptionResponseVerboseJson'],
  CreateTranslationResponseJson: ['CreateTranslationResponseVerboseJson'],
};

const schemasNamed = (declaration: string, description: string) => [
  ...(types[declaration] === undefined ? [] : [{ all: types, schema: types[declaration] }]),
  ...(described?.[description] === undefined ? [] : [{ all: described, schema: described[description] }]),
];

const reply = (name: string): Known[] => schemasNamed((declared as Readonly<Record<string, string>>)[name] ?? name, name);

/** Items are described once, as they are given, answered and kept. */
const items: readonly Known[] = [
  ...reply('ConversationItem'),
  ...reply('ResponseItemList').flatMap((one) => listed(one, 'data')),
  ...reply('Response').flatMap((one) => listed(one, 'output')),
  ...schemasNamed('ResponseCreateParamsBase', 'CompactResponseMethodPublicBody').flatMap((one) => listed(one, 'input')),
];
const shared = { ResponseItem: items, ResponseInputItem: items };

function listed({ all, schema }: Known, member: string): Known[] {
  return [schema, ...(schema.allOf ?? [])].flatMap(({ properties = {} }) => {
    const found = properties[member];
    return found === undefined ? [] : knownItems({ all, schema: found });
  });
}

const ours = (schema: NonNullable<ReturnType<typeof describedRoute>['response']>, io: 'input' | 'output') => {
  const body = own.of(schema, io) as Schema;
  return { all: own.named as Schemas, schema: body };
};

describe('what is described of bodies that are passed on', () => {
  it('is there for each of them', () => {
    const relayed = routeIds.filter((id) => describedRoute(id).relayed !== undefined && id !== 'responses.websocket');
    expect([...relayed].sort()).toEqual(Object.keys(requests).sort());
  });

  it.each(Object.entries(requests))('%s: has members of OpenAI alone, and all of the first level', (id, names) => {
    const { relayed } = describedRoute(id as RouteId);
    if (relayed === undefined) throw new Error(`${id} describes no body.`);
    const known = schemasNamed(...names);
    expect(known.length).toBeGreaterThan(0);
    const body = ours(relayed, 'input');
    expect(unknownMembers(body, known, id, shared).filter((path) => !isAdded(path))).toEqual([]);
    const missing = known.flatMap((one) => memberNames(one)).filter((name) => !memberNames(body).includes(name));
    expect(missing).toEqual([]);
  });
});

describe('what is described of replies', () => {
  const replies = Object.entries(shapes).flatMap(([name, schema]) => (schema === undefined ? [] : [[name, schema] as const]));

  it.each(replies)('%s: has members of OpenAI alone', (name, schema) => {
    const known = [name, ...(together[name] ?? [])].flatMap(reply);
    const unknown = unknownMembers(ours(schema, 'output'), known, name, shared).filter((path) => !isAdded(path));
    expect(unknown).toEqual([]);
  });
});
