import { signBits, vectorBytes } from '../dist/platform/vectors/vector-bytes.js';

const chunksPerFile = 100;
const wordsPerChunk = 150;
const vocabulary = Array.from({ length: 20_000 }, (_, rank) => `w${rank.toString(36)}x`);

/** A word as often as words are: the first of the vocabulary stands in nearly every text, the last in few. */
function anyWord() {
  return vocabulary[Math.floor(vocabulary.length * Math.random() ** 3)];
}

/** Words that few or some texts hold: what people ask by. */
export function question() {
  const words = Array.from({ length: 3 }, () => vocabulary[500 + Math.floor(Math.random() * 15_000)]);
  return `what is the ${words.join(' ')}`;
}

/** Numbers of the normal distribution. */
function normal() {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}

/**
 * Makes vectors of one kind: `clusters` are as meanings are, around one centre for each hundred passages, as far from it as
 * their centre is from nothing; `crowds` are the same around one centre for a thousand; `noise` has no order at all.
 */
export function vectorMaker(kind, { chunks, dimensions }) {
  const part = { clusters: 100, crowds: 1_000 }[kind];
  if (part === undefined) return () => Float32Array.from({ length: dimensions }, normal);
  const centres = Array.from({ length: Math.ceil(chunks / part) }, () => Float32Array.from({ length: dimensions }, normal));
  return () => centres[Math.floor(Math.random() * centres.length)].map((value) => value + normal());
}

/** One tenant `ten_bench` with the dataset `ds_bench` of so many chunks, whose vectors `make` makes. */
export async function fill(client, { chunks, make }) {
  await client.query('delete from tenants');
  await client.query(`insert into tenants (id, slug, name) values ('ten_bench', 'bench', 'bench')`);
  await client.query(
    `insert into connections (tenant_id, id, name, base_url) values ('ten_bench', 'con_1', 'main', 'http://127.0.0.1:9')`,
  );
  await client.query(
    `insert into datasets (tenant_id, id, alias, connection_id, model) values ('ten_bench', 'ds_bench', 'bench', 'con_1', 'embed')`,
  );
  await client.query(
    `insert into files (tenant_id, id, kind, purpose, filename, media_type, bytes, sha256, storage_key, key_id, dataset_id, state, attempts)
     select 'ten_bench', 'file-' || n, 'dataset', 'assistants', n || '.txt', 'text/plain', 1, '', '', 'key_1', 'ds_bench', 'ready', 1
       from generate_series(0, $1::int - 1) n`,
    [Math.ceil(chunks / chunksPerFile)],
  );
  for (let first = 0; first < chunks; first += 500) {
    const count = Math.min(500, chunks - first);
    const texts = Array.from({ length: count }, () => Array.from({ length: wordsPerChunk }, anyWord).join(' '));
    const vectors = Array.from({ length: count }, make);
    await client.query(
      `insert into chunks (tenant_id, file_id, ordinal, dataset_id, attempt, text, tokens, embedding_model)
       select 'ten_bench', 'file-' || at / ${chunksPerFile}, at % ${chunksPerFile}, 'ds_bench', 1, text, 1, 'embed'
         from (select text, $2::int + (n - 1)::int as at from unnest($1::text[]) with ordinality u (text, n)) c`,
      [texts, first],
    );
    await client.query(
      `insert into passage_vectors (tenant_id, file_id, ordinal, dataset_id, embedding_model, dimensions, signs, vector)
       select 'ten_bench', 'file-' || at / ${chunksPerFile}, at % ${chunksPerFile}, 'ds_bench', 'embed', octet_length(vector) / 4, signs, vector
         from (select signs, vector, $3::int + (n - 1)::int as at from unnest($1::bytea[], $2::bytea[]) with ordinality u (signs, vector, n)) c`,
      [vectors.map(signBits), vectors.map(vectorBytes), first],
    );
  }
  await client.query('update ingestions set vector_attempt = attempts');
  await client.query('vacuum analyze chunks');
  await client.query('vacuum analyze passage_vectors');
  await client.query('analyze files');
}
