import { Injectable } from '@nestjs/common';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';
import type { Passage, PassageSource } from './passage.js';
import { chooseWords, mostRanked, webSearchText, type WeighedWord } from './query-words.js';
import type { ChunkKey, RankedChunk } from './rank-fusion.js';
import { readWordQuery, type AskedWord } from './word-query.js';

/** The datasets and conversations of one search. */
export interface TargetIds {
  readonly datasetIds: readonly string[];
  readonly conversationIds: readonly string[];
}

/** What one match looks for: a whole question, or the chosen words of one. */
interface Wanted {
  /** As the text of a tsquery. */
  readonly query: string;
  /** What the rows of older releases are asked, as a text for `websearch_to_tsquery`. */
  readonly text: string;
  readonly exact: readonly string[];
  readonly chosen: readonly WeighedWord[];
}

/** Passages that were found by words, the best first. */
export interface WordsFound {
  readonly chunks: readonly ChunkKey[];
  /** False: none has all words, and these have the most telling ones. */
  readonly hasAll: boolean;
}

/** The ingestions that a search keeps to; absent: all. */
export type Only = readonly { readonly fileId: string; readonly ingestionId: string }[] | undefined;

type Find = (transaction: Transaction, wanted: Wanted) => Promise<readonly ChunkKey[]>;

const mostWords = 32;

/**
 * Reads chunks: by words, and by name. Both only of this tenant, of these targets, and of what has not failed. Those of a file
 * whose time is over are found and not read.
 */
@Injectable()
export class RetrievalRepository {
  constructor(private readonly database: TenantDatabase) {}

  /** The chunks that hold all words of the text, the best first, or, where none does, those with the most telling words. */
  async findByWords(tenantId: string, targets: TargetIds, text: string, limit: number): Promise<readonly ChunkKey[]> {
    return (await this.lookUp(tenantId, targets, text, (tx, wanted) => match(tx, targets, wanted, limit))).chunks;
  }

  /**
   * The same for datasets, where `only` is given among these ingestions alone; and whether what was found has all words.
   * Passages of older releases, whose words were cut by the database, are not looked at.
   */
  async findOnlyByWords(
    tenantId: string,
    { datasetIds, only, limit }: { readonly datasetIds: readonly string[]; readonly only: Only; readonly limit: number },
    text: string,
  ): Promise<WordsFound> {
    const targets = { datasetIds, conversationIds: [] };
    return this.lookUp(tenantId, targets, text, (tx, wanted) => matchOnly(tx, datasetIds, only, wanted, limit));
  }

  /** The vectors of these passages, as they are stored. */
  async readVectors(tenantId: string, chunks: readonly ChunkKey[]): Promise<(ChunkKey & { readonly vector: Uint8Array })[]> {
    if (chunks.length === 0) return [];
    return this.database.run(
      tenantId,
      (tx) => tx.$queryRaw<(ChunkKey & { readonly vector: Uint8Array })[]>`
        select v.file_id as "fileId", v.ingestion_id as "ingestionId", v.ordinal, v.vector
          from unnest(${chunks.map(({ fileId }) => fileId)}::text[], ${chunks.map(({ ingestionId }) => ingestionId)}::text[],
                      ${chunks.map(({ ordinal }) => ordinal)}::int[]) asked (file_id, ingestion_id, ordinal)
          join passage_vectors v on v.tenant_id = ${tenantId} and v.file_id = asked.file_id
           and v.ingestion_id = asked.ingestion_id and v.ordinal = asked.ordinal`,
    );
  }

  private async lookUp(tenantId: string, targets: TargetIds, text: string, find: Find): Promise<WordsFound> {
    const { all, exact, words } = readWordQuery(text);
    if (all === '') return { chunks: [], hasAll: true };
    return this.database.run(tenantId, async (transaction) => {
      const chunks = await find(transaction, { query: all, text: webSearchText(text), exact, chosen: [] });
      if (chunks.length > 0) return { chunks, hasAll: true };
      const chosen = await chooseTelling(transaction, targets, words);
      if (chosen.length === 0) return { chunks, hasAll: true };
      const query = chosen.map(({ part }) => part).join(' | ');
      const said = chosen.map((word) => `"${word.text}"`).join(' or ');
      return { chunks: await find(transaction, { query, text: said, exact, chosen }), hasAll: false };
    });
  }

  /** The passages of these chunks, in their order, without those that are no longer there. */
  async readPassages(tenantId: string, targets: TargetIds, chunks: readonly RankedChunk[]): Promise<Passage[]> {
    if (chunks.length === 0) return [];
    const rows = await this.database.run(
      tenantId,
      (transaction) => transaction.$queryRaw<(Omit<Passage, 'score' | 'source'> & { place: number; source: PassageSource })[]>`
        select asked.place::int as place, c.file_id as "fileId", c.ingestion_id as "ingestionId", f.filename, c.ordinal, c.text, c.source,
               c.dataset_id as "datasetId", c.conversation_id as "conversationId"
          from unnest(${chunks.map(({ fileId }) => fileId)}::text[], ${chunks.map(({ ingestionId }) => ingestionId)}::text[],
                      ${chunks.map(({ ordinal }) => ordinal)}::int[]) with ordinality asked (file_id, ingestion_id, ordinal, place)
          join chunks c on c.tenant_id = ${tenantId} and c.file_id = asked.file_id and c.ingestion_id = asked.ingestion_id
                       and c.ordinal = asked.ordinal
          join files f on f.tenant_id = c.tenant_id and f.id = c.file_id
          left join ingestions i on i.tenant_id = c.tenant_id and i.id = c.ingestion_id
         where coalesce(i.state, f.state) <> 'failed' and (f.expires_at is null or f.expires_at > now())
           and (c.dataset_id = any (${targets.datasetIds}::text[]) or c.conversation_id = any (${targets.conversationIds}::text[]))
         order by asked.place`,
    );
    return rows.map(({ place, ...row }) => ({ ...row, score: chunks[place - 1]?.score ?? 0 }));
  }
}

/** The words without those that English sentences are held together by; all of them where there are no others. */
async function chooseTelling(
  transaction: Transaction,
  { datasetIds, conversationIds }: TargetIds,
  words: readonly AskedWord[],
): Promise<readonly WeighedWord[]> {
  const stops = await transaction.$queryRaw<{ isStop: boolean }[]>`
    select coalesce(ts_lexize('english_stem', word) = '{}', false) as "isStop"
      from unnest(${words.map(({ text }) => text)}::text[]) with ordinality asked (word, place) order by place`;
  const telling = words.filter((_, index) => stops[index]?.isStop !== true);
  const asked = (telling.length > 0 ? telling : words).slice(0, mostWords);
  const parts = asked.map(({ part }) => part);
  const texts = asked.map(({ text }) => text);
  const [row] = await transaction.$queryRaw<{ counts: number[] | null }[]>`
    select gt_count_words(${parts}::text[]::tsquery[],
                          array(select phraseto_tsquery('simple', gt_search_text(t)) from unnest(${texts}::text[]) with ordinality given (t, place) order by place),
                          ${datasetIds}::text[], ${conversationIds}::text[], ${mostRanked + 1}::int) as counts`;
  return chooseWords(asked, row?.counts ?? []);
}

async function match(
  transaction: Transaction,
  { datasetIds, conversationIds }: TargetIds,
  { query, text, exact, chosen }: Wanted,
  limit: number,
): Promise<ChunkKey[]> {
  const [parts, weights] = [chosen.map(({ part }) => part), chosen.map(({ weight }) => weight)];
  const texts = chosen.map((word) => word.text);
  return transaction.$queryRaw<ChunkKey[]>`
    select file_id as "fileId", ingestion_id as "ingestionId", ordinal
      from gt_find_passages(${query}::tsquery, ${exact}::text[]::tsquery[], ${parts}::text[]::tsquery[], ${weights}::real[],
                          websearch_to_tsquery('simple', gt_search_text(${text})),
                          array(select phraseto_tsquery('simple', gt_search_text(t)) from unnest(${texts}::text[]) with ordinality given (t, place) order by place),
                          ${datasetIds}::text[], ${conversationIds}::text[], ${limit}::int)`;
}

async function matchOnly(
  transaction: Transaction,
  datasetIds: readonly string[],
  only: Only,
  { query, exact, chosen }: Wanted,
  limit: number,
): Promise<ChunkKey[]> {
  const [parts, weights] = [chosen.map(({ part }) => part), chosen.map(({ weight }) => weight)];
  const files = only?.map(({ fileId }) => fileId) ?? null;
  const ingestions = only?.map(({ ingestionId }) => ingestionId) ?? null;
  return transaction.$queryRaw<ChunkKey[]>`
    select file_id as "fileId", ingestion_id as "ingestionId", ordinal
      from gt_find_passages_of(${query}::tsquery, ${exact}::text[]::tsquery[], ${parts}::text[]::tsquery[], ${weights}::real[],
                               ${datasetIds}::text[], ${files}::text[], ${ingestions}::text[], ${limit}::int)`;
}
