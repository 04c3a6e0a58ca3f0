/**
 * The contract's section 3 typed a second time, by hand, so that the tests hold the product's table against something
 * that is not the table itself. Scopes are separated by commas; `any` is every live key.
 */
export interface ContractRow {
  readonly method: string;
  readonly path: string;
  readonly group: string;
  readonly scopes: string;
  readonly verdict: 'native' | 'native, superset' | 'gt_extension';
  readonly access: 'R' | 'X';
}

const anyFileReader = 'files:read, datasets:write, datasets:read, conversations:files, conversations:read';

const lines = `
GET    /models                                                        | models        | any                   | native           | R
GET    /models/{model}                                                | models        | any                   | native           | R
DELETE /models/{model}                                                | fine_tuning   | fine_tuning:write     | native           | X
POST   /chat/completions                                              | chat          | inference:chat        | native           | X
POST   /completions                                                   | chat          | inference:chat        | native           | X
POST   /responses                                                     | responses     | inference:chat        | native           | X
POST   /responses/compact                                             | responses     | inference:chat        | native           | X
POST   /responses/input_tokens                                        | responses     | inference:chat        | native           | X
GET    /responses                                                     | responses     | inference:chat        | native           | X
GET    /responses/{response_id}                                       | responses     | responses:read        | native           | R
GET    /responses/{response_id}/input_items                           | responses     | responses:read        | native           | R
DELETE /responses/{response_id}                                       | responses     | responses:write       | native           | X
POST   /responses/{response_id}/cancel                                | responses     | responses:write       | native           | X
POST   /embeddings                                                    | embeddings    | inference:embed       | native           | X
POST   /moderations                                                   | moderations   | inference:moderate    | native           | X
POST   /images/generations                                            | images        | inference:image       | native           | X
POST   /images/edits                                                  | images        | inference:image       | native           | X
POST   /images/variations                                             | images        | inference:image       | native           | X
POST   /audio/speech                                                  | audio         | inference:speech      | native           | X
POST   /audio/transcriptions                                          | audio         | inference:transcribe  | native           | X
POST   /audio/translations                                            | audio         | inference:transcribe  | native           | X
POST   /conversations                                                 | conversations | conversations:write   | native, superset | X
POST   /conversations/{conversation_id}                               | conversations | conversations:write   | native, superset | X
DELETE /conversations/{conversation_id}                               | conversations | conversations:write   | native, superset | X
POST   /conversations/{conversation_id}/items                         | conversations | conversations:write   | native, superset | X
DELETE /conversations/{conversation_id}/items/{item_id}               | conversations | conversations:write   | native, superset | X
GET    /conversations/{conversation_id}                               | conversations | conversations:read    | native, superset | R
GET    /conversations/{conversation_id}/items                         | conversations | conversations:read    | native, superset | R
GET    /conversations/{conversation_id}/items/{item_id}               | conversations | conversations:read    | native, superset | R
GET    /conversations                                                 | conversations | conversations:read    | gt_extension     | R
GET    /conversations/{conversation_id}/files                         | conversations | conversations:read    | gt_extension     | R
POST   /conversations/files                                           | conversations | conversations:files   | gt_extension     | X
DELETE /conversations/{conversation_id}/files/{file_id}               | conversations | conversations:files   | gt_extension     | X
GET    /upload-targets                                                | datasets      | datasets:write, datasets:read, conversations:files | gt_extension | R
GET    /datasets                                                      | datasets      | datasets:read         | gt_extension     | R
GET    /datasets/{dataset_id}                                         | datasets      | datasets:read         | gt_extension     | R
GET    /datasets/{dataset_id}/files                                   | datasets      | datasets:read         | gt_extension     | R
POST   /datasets/{dataset_id}/search                                  | datasets      | datasets:read         | gt_extension     | X
POST   /datasets/{dataset_id}/files                                   | datasets      | datasets:write        | gt_extension     | X
DELETE /datasets/{dataset_id}/files/{file_id}                         | datasets      | datasets:write        | gt_extension     | X
GET    /files/{file_id}                                               | files         | ${anyFileReader}      | native, superset | R
GET    /uploads/{upload_id}                                           | files         | ${anyFileReader}, files:write | native, superset | R
GET    /files/{file_id}/events                                        | files         | ${anyFileReader}      | gt_extension     | R
POST   /files/{file_id}/reprocess                                     | files         | files:write, datasets:write, conversations:files | gt_extension | X
GET    /files                                                         | files         | files:read            | native           | R
GET    /files/{file_id}/content                                       | files         | files:read            | native           | R
POST   /files                                                         | files         | files:write           | native           | X
DELETE /files/{file_id}                                               | files         | files:write           | native           | X
POST   /uploads                                                       | uploads       | files:write           | native           | X
POST   /uploads/{upload_id}/parts                                     | uploads       | files:write           | native           | X
POST   /uploads/{upload_id}/complete                                  | uploads       | files:write           | native           | X
POST   /uploads/{upload_id}/cancel                                    | uploads       | files:write           | native           | X
GET    /batches                                                       | batches       | batches:read          | native           | R
GET    /batches/{batch_id}                                            | batches       | batches:read          | native           | R
POST   /batches                                                       | batches       | batches:write         | native           | X
POST   /batches/{batch_id}/cancel                                     | batches       | batches:write         | native           | X
GET    /vector_stores                                                 | vector_stores | vector_stores:read    | native           | R
GET    /vector_stores/{vector_store_id}                               | vector_stores | vector_stores:read    | native           | R
GET    /vector_stores/{vector_store_id}/files                         | vector_stores | vector_stores:read    | native           | R
GET    /vector_stores/{vector_store_id}/files/{file_id}               | vector_stores | vector_stores:read    | native           | R
GET    /vector_stores/{vector_store_id}/files/{file_id}/content       | vector_stores | vector_stores:read    | native           | R
GET    /vector_stores/{vector_store_id}/file_batches/{batch_id}       | vector_stores | vector_stores:read    | native           | R
GET    /vector_stores/{vector_store_id}/file_batches/{batch_id}/files | vector_stores | vector_stores:read    | native           | R
POST   /vector_stores/{vector_store_id}/search                        | vector_stores | vector_stores:read    | native           | X
POST   /vector_stores                                                 | vector_stores | vector_stores:write   | native           | X
POST   /vector_stores/{vector_store_id}                               | vector_stores | vector_stores:write   | native           | X
DELETE /vector_stores/{vector_store_id}                               | vector_stores | vector_stores:write   | native           | X
POST   /vector_stores/{vector_store_id}/files                         | vector_stores | vector_stores:write   | native           | X
POST   /vector_stores/{vector_store_id}/files/{file_id}               | vector_stores | vector_stores:write   | native           | X
DELETE /vector_stores/{vector_store_id}/files/{file_id}               | vector_stores | vector_stores:write   | native           | X
POST   /vector_stores/{vector_store_id}/file_batches                  | vector_stores | vector_stores:write   | native           | X
POST   /vector_stores/{vector_store_id}/file_batches/{batch_id}/cancel | vector_stores | vector_stores:write  | native           | X
GET    /fine_tuning/jobs                                              | fine_tuning   | fine_tuning:read      | native           | R
GET    /fine_tuning/jobs/{fine_tuning_job_id}                         | fine_tuning   | fine_tuning:read      | native           | R
GET    /fine_tuning/jobs/{fine_tuning_job_id}/events                  | fine_tuning   | fine_tuning:read      | native           | R
GET    /fine_tuning/jobs/{fine_tuning_job_id}/checkpoints             | fine_tuning   | fine_tuning:read      | native           | R
POST   /fine_tuning/jobs                                              | fine_tuning   | fine_tuning:write     | native           | X
POST   /fine_tuning/jobs/{fine_tuning_job_id}/cancel                  | fine_tuning   | fine_tuning:write     | native           | X
POST   /fine_tuning/jobs/{fine_tuning_job_id}/pause                   | fine_tuning   | fine_tuning:write     | native           | X
POST   /fine_tuning/jobs/{fine_tuning_job_id}/resume                  | fine_tuning   | fine_tuning:write     | native           | X
GET    /harbor/manifest                                               | harbor        | any                   | gt_extension     | R
GET    /approvals/{approval_id}                                       | approvals     | any                   | gt_extension     | R
GET    /approvals/{approval_id}/result                                | approvals     | any                   | gt_extension     | R
GET    /key                                                           | account       | any                   | gt_extension     | R
GET    /usage                                                         | account       | usage:read            | gt_extension     | R
`;

/** Every route of the data plane. */
export const contractRows: readonly ContractRow[] = lines
  .trim()
  .split('\n')
  .map((line) => {
    const [place = '', group = '', scopes = '', verdict = '', access = ''] = line.split('|').map((cell) => cell.trim());
    const [method = '', path = ''] = place.split(/ +/);
    return { method, path, group, scopes, verdict: verdict as ContractRow['verdict'], access: access as ContractRow['access'] };
  });

/** The scopes of a row as a list; undefined for `any`. */
export function scopesOf(row: ContractRow): readonly string[] | undefined {
  return row.scopes === 'any' ? undefined : row.scopes.split(', ');
}

/** Every scope of the contract; `inference:override` has no route of its own. */
export const contractScopes: readonly string[] = [
  ...new Set([...contractRows.flatMap((row) => scopesOf(row) ?? []), 'inference:override']),
];

const everything = contractScopes.filter((scope) => scope !== 'inference:override');

/** The built-in presets: what a key made from each may do, links counted in. */
export const contractPresets: Readonly<Record<string, readonly string[]>> = {
  'openai-chat-client': ['inference:chat'],
  'chat-plus-embeddings': ['inference:chat', 'inference:embed'],
  'agentic-ide': ['inference:chat', 'responses:read', 'responses:write'],
  'voice-and-audio': ['inference:chat', 'inference:transcribe', 'inference:speech'],
  'image-generation': ['inference:image'],
  'multimodal-workspace': ['inference:chat', 'inference:embed', 'inference:transcribe', 'inference:speech', 'inference:image'],
  'dataset-upload': ['datasets:write'],
  'conversation-app': [
    'conversations:read',
    'conversations:write',
    'conversations:files',
    'inference:chat',
    'inference:embed',
    'datasets:write',
  ],
  'platform-automation': everything,
};
