const chunksPerFile = 100;
const wordsPerChunk = 150;
const vocabulary = Array.from({ length: 20_000 }, (_, rank) => `w${rank.toString(36)}x`);
const poolSize = 499;

/** A word as often as words are: the first of the vocabulary stands in nearly every text, the last in few. */
function anyWord() {
  return vocabulary[Math.floor(vocabulary.length * Math.random() ** 3)];
}

/** Words that few or some texts hold: what people ask by. */
export function question() {
  const words = Array.from({ length: 3 }, () => vocabulary[500 + Math.floor(Math.random() * 15_000)]);
  return `what is the ${words.join(' ')}`;
}

export function randomVector(dimensions) {
  return Array.from({ length: dimensions }, () => Math.random() - 0.5);
}

/**
 * One tenant `ten_bench` with the dataset `ds_bench` of so many chunks. Vectors are turned ones of a pool that the server
 * keeps, since sending 50,000 of 1,536 numbers each would take longer than all that is measured.
 */
export async function fill(client, { chunks, dimensions }) {
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
  await client.query('create temp table if not exists vectors (n int primary key, embedding real[])');
  await client.query('truncate vectors');
  const pool = Array.from({ length: poolSize }, () => `{${randomVector(dimensions).map(Math.fround).join(',')}}`);
  await client.query(`insert into vectors select n - 1, v::real[] from unnest($1::text[]) with ordinality u (v, n)`, [pool]);
  for (let first = 0; first < chunks; first += 1_000) {
    const texts = Array.from({ length: Math.min(1_000, chunks - first) }, () =>
      Array.from({ length: wordsPerChunk }, anyWord).join(' '),
    );
    await client.query(
      `insert into chunks (tenant_id, file_id, ordinal, dataset_id, attempt, text, tokens, embedding_model, embedding)
       select 'ten_bench', 'file-' || at / ${chunksPerFile}, at % ${chunksPerFile}, 'ds_bench', 1, text, 1, 'embed',
              embedding[turn + 1:] || embedding[:turn]
         from (select text, $2::int + (n - 1)::int as at from unnest($1::text[]) with ordinality u (text, n)) c
         join vectors on n = at % ${poolSize}, lateral (select at / ${poolSize} % ${dimensions} as turn) t`,
      [texts, first],
    );
  }
  await client.query('vacuum analyze chunks');
  await client.query('analyze files');
}
