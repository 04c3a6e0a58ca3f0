import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../../platform/database/platform-database.js';

/** A passage whose words are those of the database alone. */
export interface OldPassage {
  readonly tenantId: string;
  readonly fileId: string;
  readonly ordinal: number;
  readonly text: string;
}

const oldPassages = `
  select tenant_id as "tenantId", file_id as "fileId", ordinal, text from chunks where search_words is null
   limit $1 for update skip locked`;

const giveWords = `
  update chunks c set search_words = given.words
    from unnest($1::text[], $2::text[], $3::int[], $4::tsvector[]) given (tenant_id, file_id, ordinal, words)
   where c.tenant_id = given.tenant_id and c.file_id = given.file_id and c.ordinal = given.ordinal`;

/** The passages of all tenants that were stored before the application cut their words. */
@Injectable()
export class PassageWordsRepository {
  constructor(private readonly database: PlatformDatabase) {}

  /** Gives up to `limit` of them the words that `wordsOf` finds in their texts, an array of the database's, in one transaction; returns how many there were. */
  async giveWords(limit: number, wordsOf: (texts: readonly string[]) => Promise<Buffer>): Promise<number> {
    return this.database.runSql(async (client) => {
      const { rows } = await client.query<OldPassage>(oldPassages, [limit]);
      if (rows.length === 0) return 0;
      const values = [rows.map(({ tenantId }) => tenantId), rows.map(({ fileId }) => fileId), rows.map(({ ordinal }) => ordinal)];
      await client.query(giveWords, [...values, await wordsOf(rows.map(({ text }) => text))]);
      return rows.length;
    });
  }
}
