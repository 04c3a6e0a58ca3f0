/** Ids and names in the paths of the data plane: what each of them names. Those that are ids have one form. */
const names = {
  model: 'The name of a model. A slash in it is written as it is or as %2F.',
  completion_id: 'The id of a stored chat completion, `chatcmpl-…`.',
  response_id: 'The id of a response, `resp_…`.',
  conversation_id: 'The id of a conversation, `conv_…`.',
  item_id: 'The id of an item of the conversation.',
  dataset_id: 'The id of a dataset, `ds_…`, or its alias.',
  file_id: 'The id of a file, `file-…`.',
  upload_id: 'The id of an upload, `upload_…`.',
  batch_id: 'The id of a batch, `batch_…`; of a batch of files in a vector store, `vsfb_…`.',
  vector_store_id: 'The id of a vector store, `vs_…`.',
  fine_tuning_job_id: 'The id of a fine-tuning job, `ftjob-…`.',
  approval_id: 'The id of an approval, `apr_…`.',
} as const;

/** JSON schema of one parameter of a path. */
export interface PathParameter {
  readonly type: 'string';
  readonly description?: string;
  readonly pattern?: string;
  readonly minLength?: number;
}

/** The parameters of a path of a route table, by name, in their order. */
export function pathParametersOf(path: string): Readonly<Record<string, PathParameter>> {
  return Object.fromEntries([...path.matchAll(/\{([a-z_]+)\}/g)].map(([, name = '']) => [name, parameterOf(name)]));
}

function parameterOf(name: string): PathParameter {
  const description = names[name as keyof typeof names] as string | undefined;
  if (description === undefined) return { type: 'string' };
  return name === 'model'
    ? { type: 'string', description, minLength: 1 }
    : { type: 'string', description, pattern: '^[A-Za-z0-9_-]{1,128}$' };
}
