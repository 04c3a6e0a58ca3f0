import { Injectable } from '@nestjs/common';
import { TenantDatabase } from '../../../platform/database/tenant-database.js';
import { piecesOf, type PassageText } from './joined-text.js';

/** How much text one page of it has, about: bytes, and passages. */
const mostBytes = 8 * 1024 * 1024;
const mostPassages = 2_000;

/** A part of a document's text: its passages without what they repeat. */
export interface TextPage {
  readonly texts: readonly string[];
  /** Where the next page begins; null: this was the last. */
  readonly next: number | null;
}

/** The texts of ingestions, as the pipeline has extracted and cut them. */
@Injectable()
export class IngestionTexts {
  constructor(private readonly database: TenantDatabase) {}

  /** A page of the text. @param ingestionId empty: the file's own. @param from the passage that it begins with, from 0. */
  async page(tenantId: string, fileId: string, ingestionId: string, from: number): Promise<TextPage> {
    const rows = await this.database.run(
      tenantId,
      (tx) => tx.$queryRaw<(PassageText & { ordinal: number; before: number })[]>`
        select ordinal, text, source, before::float8 as before from (
          select ordinal, text, source, sum(octet_length(text)) over (order by ordinal rows between unbounded preceding and 1 preceding) as before
            from chunks where tenant_id = ${tenantId} and file_id = ${fileId} and ingestion_id = ${ingestionId}
             and ordinal >= ${from - 1}::int and ordinal <= ${from + mostPassages}::int) read
         where before is null or before < ${mostBytes} order by ordinal`,
    );
    const [first, ...rest] = rows;
    const stands = first !== undefined && first.ordinal < from ? first : undefined;
    const own = stands === undefined ? rows : rest;
    const last = own.at(-1)?.ordinal ?? from - 1;
    const texts: string[] = [];
    for await (const { text } of piecesOf(own, stands)) if (text !== '') texts.push(text);
    return { texts, next: (await this.hasPassage(tenantId, fileId, ingestionId, last + 1)) ? last + 1 : null };
  }

  private async hasPassage(tenantId: string, fileId: string, ingestionId: string, ordinal: number): Promise<boolean> {
    const found = await this.database.run(tenantId, (tx) =>
      tx.chunk.findFirst({ where: { tenantId, fileId, ingestionId, ordinal }, select: { ordinal: true } }),
    );
    return found !== null;
  }
}
