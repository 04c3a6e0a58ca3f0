import { idPrefixes } from '../../kernel/ids.js';

/** What follows the prefix of an id. */
const afterPrefix = '4Hn2Zk8sQx1BvT6yLmW0cRaE';
/** A time in Unix seconds. */
export const aTime = 1_790_000_000;
/** The id of an object of this kind, in its form. */
export function exampleId(kind: keyof typeof idPrefixes): string {
  return idPrefixes[kind] + afterPrefix;
}

/** Ids by the names under which objects and their neighbours have them. */
export const kinds: Readonly<Record<string, keyof typeof idPrefixes>> = {
  file: 'file',
  file_id: 'file',
  input_file_id: 'file',
  output_file_id: 'file',
  training_file: 'file',
  key: 'key',
  tenant: 'tenant',
  member: 'member',
  connection: 'connection',
  agent: 'agent',
  agent_revision: 'revision',
  endpoint: 'endpoint',
  preset: 'preset',
  dataset: 'dataset',
  dataset_id: 'dataset',
  admin_token: 'adminToken',
  operator_token: 'adminToken',
  usage: 'usage',
  audit: 'audit',
  webhook: 'webhook',
  webhook_delivery: 'webhookDelivery',
  event: 'webhookDelivery',
  request_id: 'request',
  conversation: 'conversation',
  conversation_id: 'conversation',
  message: 'message',
  response: 'response',
  'chat.completion': 'response',
  upload: 'upload',
  'upload.part': 'uploadPart',
  batch: 'batch',
  batch_id: 'batch',
  vector_store: 'vectorStore',
  vector_store_id: 'vectorStore',
  'vector_store.file': 'file',
  'vector_store.files_batch': 'vectorStoreFileBatch',
  'fine_tuning.job': 'fineTuningJob',
  'fine_tuning.job.event': 'fineTuningEvent',
  'fine_tuning.job.checkpoint': 'fineTuningCheckpoint',
};

/** Texts by the name of their member, where a bare word would tell a reader nothing. */
export const texts: Readonly<Record<string, string>> = {
  model: 'support',
  filename: 'handbook.pdf',
  slug: 'acme',
  tenant: 'acme',
  alias: 'handbook',
  name: 'support',
  email: 'ada@example.com',
  url: 'https://app.example.com/hook',
  base_url: 'https://api.example.com/v1',
  media_type: 'application/pdf',
  mime_type: 'application/pdf',
  secret: 'gtak_...',
  preset: 'openai-chat-client',
  endpoint: 'support',
  agents: 'support',
  raw_models: 'gpt-5-mini',
  datasets: 'handbook',
  api_version: '2025-04-01-preview',
  purpose: 'user_data',
  role: 'user',
  type: 'message',
  owned_by: 'acme',
  created_by: 'deploys',
  check: 'scope',
  detail: 'The key has the scope inference:chat.',
  code: 'insufficient_scope',
  image_size: '1024x1024',
  last_four: 'wxyz',
  message: 'A sentence.',
  text: 'The warranty lasts two years.',
  content: 'The warranty lasts two years.',
  sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0bd822cd15d6c15b0f00a8',
  path: '/chat/completions',
  route: 'chat.completions.create',
};

/** Numbers by the name of their member, where 1 would mislead. */
export const numbers: Readonly<Record<string, number>> = {
  status: 200,
  bytes: 48_213,
  percent: 40,
  score: 0.82,
  latency_ms: 640,
};

/** Objects that need one of several members. */
export const objects: Readonly<Record<string, object>> = { models: { chat: { connection: 'main', model: 'gpt-5' } } };
