import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { faultsByShape } from './answer-faults.js';
import { faults, type Schema, type Schemas } from './schema-faults.js';
import { shapes } from './reply-shapes.js';
import { schemasOfTypes } from './type-schemas.js';

const file = fileURLToPath(new URL('../../../shared/openai-schemas.json', import.meta.url));

/** What OpenAI's description and the package's declarations call the same reply. */
export const declared = {
  CreateChatCompletionResponse: 'ChatCompletion',
  CreateChatCompletionStreamResponse: 'ChatCompletionChunk',
  CreateCompletionResponse: 'Completion',
  CreateEmbeddingResponse: 'CreateEmbeddingResponse',
  CreateModerationResponse: 'ModerationCreateResponse',
  ImagesResponse: 'ImagesResponse',
  ImageGenStreamEvent: 'ImageGenStreamEvent',
  ImageEditStreamEvent: 'ImageEditStreamEvent',
  Model: 'Model',
  ConversationResource: 'Conversation',
  DeletedConversationResource: 'ConversationDeletedResource',
  ConversationItemList: 'ConversationItemList',
  ConversationItem: 'ConversationItem',
  Response: 'Response',
  ResponseStreamEvent: 'ResponseStreamEvent',
  ResponseItemList: 'ResponseItemList',
  CompactResource: 'CompactedResponse',
  ChatCompletionDeleted: 'ChatCompletionDeleted',
  CreateTranscriptionResponseJson: 'Transcription',
  CreateTranscriptionResponseVerboseJson: 'TranscriptionVerbose',
  CreateTranscriptionResponseDiarizedJson: 'TranscriptionDiarized',
  CreateTranscriptionResponseStreamEvent: 'TranscriptionStreamEvent',
  CreateTranslationResponseJson: 'Translation',
  CreateTranslationResponseVerboseJson: 'TranslationVerbose',
  TokenCountsResource: 'InputTokenCountResponse',
  VectorStoreObject: 'VectorStore',
  DeleteVectorStoreResponse: 'VectorStoreDeleted',
  VectorStoreFileObject: 'VectorStoreFile',
  DeleteVectorStoreFileResponse: 'VectorStoreFileDeleted',
  VectorStoreFileBatchObject: 'VectorStoreFileBatch',
  VectorStoreSearchResultItem: 'VectorStoreSearchResponse',
  OpenAIFile: 'FileObject',
  Upload: 'Upload',
  UploadPart: 'UploadPart',
  DeleteFileResponse: 'FileDeleted',
  Batch: 'Batch',
  DeleteModelResponse: 'ModelDeleted',
  FineTuningJob: 'FineTuningJob',
  FineTuningJobEvent: 'FineTuningJobEvent',
  FineTuningJobCheckpoint: 'FineTuningJobCheckpoint',
  Error: 'ErrorObject',
} as const;

/** Replies that the package declares no type for: the members that each must have. */
const ownList = {
  ListVectorStoresResponse: ['object', 'data', 'first_id', 'last_id', 'has_more'],
  ListVectorStoreFilesResponse: ['object', 'data', 'first_id', 'last_id', 'has_more'],
  VectorStoreSearchResultsPage: ['object', 'search_query', 'data', 'has_more', 'next_page'],
  VectorStoreFileContentResponse: ['object', 'data', 'has_more', 'next_page'],
  ChatCompletionList: ['object', 'data', 'first_id', 'last_id', 'has_more'],
  CreateSpeechResponseStreamEvent: ['type'],
  ListModelsResponse: ['object', 'data'],
  ListPaginatedFineTuningJobsResponse: ['object', 'data', 'has_more'],
  ListFineTuningJobEventsResponse: ['object', 'data', 'has_more'],
  ListFineTuningJobCheckpointsResponse: ['object', 'data', 'first_id', 'last_id', 'has_more'],
  ListFilesResponse: ['object', 'data', 'first_id', 'last_id', 'has_more'],
} as const;

/** Replies that hold nothing but such an object. */
const holders: Readonly<Record<'ErrorResponse', Schema>> = {
  ErrorResponse: {
    type: 'object',
    required: ['error'],
    properties: { error: { $ref: `#/components/schemas/${declared.Error}` } },
  },
};

export type Reply = keyof typeof declared | keyof typeof ownList | keyof typeof holders;

/** OpenAI's own description by its names of schemas, where it is beside the repository. */
export const described = existsSync(file)
  ? (JSON.parse(readFileSync(file, 'utf8')) as { readonly schemas: Schemas }).schemas
  : undefined;
let types: Schemas | undefined;

/**
 * What is wrong with a value as this reply of OpenAI's API: paths with their fault, empty when nothing is. It is judged by
 * the type declarations of the installed package, by OpenAI's own description where that is beside the repository, and by what
 * the platform's documents say.
 */
export function faultsOf(reply: Reply, value: unknown): string[] {
  return [...faultsByDeclaration(reply, value), ...faultsByDescription(reply, value), ...faultsByOwnShape(reply, value)];
}

function faultsByOwnShape(reply: Reply, value: unknown): string[] {
  const shape = shapes[reply];
  return shape === undefined ? [] : faultsByShape(shape, value, reply);
}

function faultsByDeclaration(reply: Reply, value: unknown): string[] {
  if (isListed(reply)) return faults({}, { type: 'object', required: ownList[reply] }, value, reply);
  types ??= schemasOfTypes();
  if (!isDeclared(reply)) return faults(types, holders[reply], value, reply);
  return faults(types, { $ref: `#/components/schemas/${declared[reply]}` }, value, reply);
}

function faultsByDescription(reply: Reply, value: unknown): string[] {
  if (described?.[reply] === undefined) return [];
  return faults(described, { $ref: `#/components/schemas/${reply}` }, value, reply);
}

function isDeclared(reply: Reply): reply is keyof typeof declared {
  return reply in declared;
}

function isListed(reply: Reply): reply is keyof typeof ownList {
  return reply in ownList;
}
