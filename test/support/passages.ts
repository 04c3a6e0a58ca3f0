import { vectorArray, wordVector } from '../../src/platform/words/word-vector.js';
import { textVector } from '../../src/sandbox/embedding-vector.js';

/** Runs a statement on a database of a test as its superuser, or several without parameters. */
export type RunSql = (text: string, values?: readonly unknown[]) => Promise<unknown>;

export interface FixtureChunk {
  readonly text: string;
  /** The vector of the text unless it is given; null for none. */
  readonly embedding?: readonly number[] | null;
  readonly source?: object;
}

export interface FixtureFile {
  readonly tenantId: string;
  readonly id: string;
  readonly datasetId?: string;
  readonly conversationId?: string;
  readonly filename?: string;
  readonly state?: string;
  readonly attempts?: number;
  /** The attempt that wrote the chunks; the file's own unless it is given. */
  readonly chunkAttempt?: number;
  readonly model?: string;
  /** Stored as the release before does: without the words that the application cuts. */
  readonly isOld?: boolean;
  readonly chunks: readonly (string | FixtureChunk)[];
}

export const dimensions = 64;
export const model = 'con_1/text-embed';

/** A text's vector by the sandbox's rule: texts that share words are near. */
export function vectorOf(text: string): number[] {
  return [...textVector(text, dimensions)];
}

/** A tenant `ten_<slug>` with the datasets `ds_<slug>` and `ds_<slug>_2` and the conversation `conv_<slug>`. */
export async function addTenant(run: RunSql, slug: string): Promise<void> {
  const tenantId = `ten_${slug}`;
  await run(`insert into tenants (id, slug, name) values ($1, $2, $2)`, [tenantId, slug]);
  await run(`insert into connections (tenant_id, id, name, base_url) values ($1, 'con_1', 'main', 'http://127.0.0.1:9')`, [
    tenantId,
  ]);
  await run(
    `insert into datasets (tenant_id, id, alias, connection_id, model) values ($1, $2, 'one', 'con_1', 'text-embed'), ($1, $2 || '_2', 'two', 'con_1', 'text-embed')`,
    [tenantId, `ds_${slug}`],
  );
  await run(`insert into conversations (tenant_id, id, key_id) values ($1, $2, 'key_1')`, [tenantId, `conv_${slug}`]);
}

/** A file with its chunks, in the state `ready` unless another is given. */
export async function addFile(run: RunSql, file: FixtureFile): Promise<void> {
  const { tenantId, id, datasetId = null, conversationId = null, filename = `${id}.txt`, state = 'ready', attempts = 1 } = file;
  await run(
    `insert into files (tenant_id, id, kind, purpose, filename, media_type, bytes, sha256, storage_key, key_id, dataset_id, conversation_id, state, attempts)
     values ($1, $2, $3, 'assistants', $4, 'text/plain', 1, '', '', 'key_1', $5, $6, $7, $8)`,
    [tenantId, id, datasetId === null ? 'conversation' : 'dataset', filename, datasetId, conversationId, state, attempts],
  );
  const chunks = file.chunks.map((chunk) => (typeof chunk === 'string' ? { text: chunk } : chunk));
  await run(
    `insert into chunks (tenant_id, file_id, ordinal, dataset_id, conversation_id, attempt, text, tokens, source, embedding_model, embedding, search_words)
     select $1, $2, place - 1, $3, $4, $5, text, 1, source::jsonb, case when embedding is not null then $6 end, embedding::real[], words
       from unnest($7::text[], $8::text[], $9::text[], $10::tsvector[]) with ordinality given (text, source, embedding, words, place)`,
    [
      tenantId,
      id,
      datasetId,
      conversationId,
      file.chunkAttempt ?? attempts,
      file.model ?? model,
      chunks.map(({ text }) => text),
      chunks.map(({ source }) => JSON.stringify(source ?? {})),
      chunks.map(({ text, embedding }) => (embedding === null ? null : `{${(embedding ?? vectorOf(text)).join(',')}}`)),
      vectorArray(chunks.map(({ text }) => (file.isOld === true ? null : wordVector(text)))),
    ],
  );
}

/** Makes a new database one in which the release before has run: the database cuts words by itself, vectors are written twice. */
export async function keepFormerPassages(run: RunSql): Promise<void> {
  await run(`alter table chunks drop column words`);
  await run(
    `alter table chunks add column words tsvector generated always as (to_tsvector('simple', gt_search_text(text))) stored`,
  );
  await run(`create index chunks_words_idx on chunks using gin (words)`);
  await run(`create or replace function gt_keeps_former_passages() returns boolean language sql stable as 'select true'`);
}
