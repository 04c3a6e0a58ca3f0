import { Injectable } from '@nestjs/common';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';
import type { Passage, PassageSource } from './passage.js';
import { chooseWords, mostRanked, webSearchText, wordQuery } from './query-words.js';
import type { ChunkKey, RankedChunk } from './rank-fusion.js';

/** The datasets and conversations of one search. */
export interface TargetIds {
  readonly datasetIds: readonly string[];
  readonly conversationIds: readonly string[];
}

interface Question {
  /** All words, with the operators that a person may have typed; as the text of a tsquery. */
  readonly all: string;
  /** False when it asks only for what shall not be there, or for nothing. */
  readonly searchable: boolean;
  /** The words without those that English sentences are held together by. */
  readonly words: readonly string[];
}

const mostWords = 32;

/** Reads chunks: by words, and by name. Both only of this tenant, of these targets, and of ready files. */
@Injectable()
export class RetrievalRepository {
  constructor(private readonly database: TenantDatabase) {}

  /** The chunks that hold all words of the text, the best first, or, where none does, those with the most telling words. */
  async findByWords(tenantId: string, targets: TargetIds, text: string, limit: number): Promise<readonly ChunkKey[]> {
    return this.database.run(tenantId, async (transaction) => {
      const { all, searchable, words } = await readQuestion(transaction, text);
      const found = searchable ? await match(transaction, targets, all, [], limit) : [];
      if (found.length > 0 || words.length === 0) return found;
      const chosen = chooseWords(words, await countChunks(transaction, targets, words));
      if (chosen.length === 0) return [];
      return match(transaction, targets, chosen.map(({ part }) => part).join(' | '), chosen, limit);
    });
  }

  /** The passages of these chunks, in their order, without those that are no longer there. */
  async readPassages(tenantId: string, targets: TargetIds, chunks: readonly RankedChunk[]): Promise<Passage[]> {
    if (chunks.length === 0) return [];
    const rows = await this.database.run(
      tenantId,
      (transaction) => transaction.$queryRaw<(Omit<Passage, 'score' | 'source'> & { place: number; source: PassageSource })[]>`
        select asked.place::int as place, c.file_id as "fileId", f.filename, c.ordinal, c.text, c.source,
               c.dataset_id as "datasetId", c.conversation_id as "conversationId"
          from unnest(${chunks.map(({ fileId }) => fileId)}::text[], ${chunks.map(({ ordinal }) => ordinal)}::int[])
               with ordinality asked (file_id, ordinal, place)
          join chunks c on c.tenant_id = ${tenantId} and c.file_id = asked.file_id and c.ordinal = asked.ordinal
          join files f on f.tenant_id = c.tenant_id and f.id = c.file_id and f.state <> 'failed'
         where c.dataset_id = any (${targets.datasetIds}::text[]) or c.conversation_id = any (${targets.conversationIds}::text[])
         order by asked.place`,
    );
    return rows.map(({ place, ...row }) => ({ ...row, score: chunks[place - 1]?.score ?? 0 }));
  }
}

async function readQuestion(transaction: Transaction, text: string): Promise<Question> {
  const [question] = await transaction.$queryRaw<Question[]>`
    with asked as (select gt_search_text(${webSearchText(text)}) as text),
         parsed as (select websearch_to_tsquery('simple', text) as query from asked),
         words as (select lexeme, positions[1] as place, ts_lexize('english_stem', lexeme) = '{}' as is_stop
                     from asked, unnest(to_tsvector('simple', text)))
    select query::text as "all", querytree(query) not in ('', 'T') as searchable,
           array(select lexeme from words where not coalesce(is_stop, false) or not exists (select from words where not coalesce(is_stop, false))
                  order by place limit ${mostWords}::int) as words
      from parsed`;
  return question ?? { all: '', searchable: false, words: [] };
}

async function countChunks(
  transaction: Transaction,
  { datasetIds, conversationIds }: TargetIds,
  words: readonly string[],
): Promise<number[]> {
  const parts = words.map(wordQuery);
  const [row] = await transaction.$queryRaw<{ counts: number[] | null }[]>`
    select gt_count_chunks(${parts}::text[]::tsquery[], ${datasetIds}::text[], ${conversationIds}::text[], ${mostRanked + 1}::int) as counts`;
  return row?.counts ?? [];
}

async function match(
  transaction: Transaction,
  { datasetIds, conversationIds }: TargetIds,
  query: string,
  words: readonly { readonly part: string; readonly weight: number }[],
  limit: number,
): Promise<ChunkKey[]> {
  const [parts, weights] = [words.map(({ part }) => part), words.map(({ weight }) => weight)];
  return transaction.$queryRaw<ChunkKey[]>`
    select file_id as "fileId", ordinal
      from gt_match_chunks(${query}::tsquery, ${parts}::text[]::tsquery[], ${weights}::real[], ${datasetIds}::text[], ${conversationIds}::text[], ${limit}::int)`;
}
