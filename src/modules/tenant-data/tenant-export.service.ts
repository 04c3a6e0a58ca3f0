import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import { AppError } from '../../kernel/app-error.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { ObjectStore } from '../../platform/storage/object-store.js';
import { AuditWriter } from '../audit/audit-writer.js';
import { ExportTablesRepository, type ExportedTable } from './export-tables.repository.js';
import { leftOutColumns, leftOutTables } from './left-out.js';
import { tarEnd, tarHeader, tarPadding } from './tar.js';

/** Pieces of a tar archive; whoever takes them sets the pace. */
export type ArchivePieces = AsyncGenerator<Buffer, void>;

interface Content {
  readonly id: string;
  readonly storage_key: string;
}

/** Hands out all of a tenant as one archive: its rows as lines of JSON, and the contents of its files. */
@Injectable()
export class TenantExportService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly tables: ExportTablesRepository,
    private readonly store: ObjectStore,
    private readonly audit: AuditWriter,
  ) {}

  /**
   * That somebody takes it is written to the audit first. Rows and contents are read while they are taken: at most about a
   * megabyte of them is in memory.
   * @throws AppError insufficient_role for operators, who see no contents.
   */
  async export(actor: Actor): Promise<ArchivePieces> {
    if (actor.role === 'operator')
      throw new AppError('insufficient_role', { message: 'An owner of the tenant exports its data: operators see no contents.' });
    const { tenantId } = actor;
    const entry = { action: 'export', kind: 'tenant', objectId: tenantId };
    await this.database.run(tenantId, (transaction) => this.audit.record(transaction, actor, entry));
    return this.pieces(tenantId, await this.tables.tables(tenantId), new Date());
  }

  private async *pieces(tenantId: string, tables: readonly ExportedTable[], at: Date): ArchivePieces {
    const about = { object: 'tenant.export', tenant: tenantId, exported_at: at.toISOString() };
    const left_out = { tables: leftOutTables, columns: leftOutColumns };
    yield* entry('export.json', json({ ...about, tables: tables.map(({ name }) => name), left_out }), at);
    const rows: Record<string, number> = {};
    const contents: Record<string, number> = { files: 0 };
    const missing: string[] = [];
    for (const table of tables) {
      rows[table.name] = 0;
      for (let after: readonly string[] | undefined, part = 1, isOver = false; !isOver; part += 1) {
        const page = await this.tables.page(tenantId, table, after);
        if (part === 1 || page.count > 0) yield* entry(partName(table.name, part), Buffer.from(page.text), at);
        rows[table.name] = (rows[table.name] ?? 0) + page.count;
        if (table.name === 'files') yield* this.contents(contentsIn(page.text), at, contents, missing);
        after = page.after;
        isOver = after === undefined;
      }
    }
    yield* entry(
      'end.json',
      json({ object: 'tenant.export.end', rows, contents: contents['files'], missing_contents: missing }),
      at,
    );
    yield tarEnd;
  }

  private async *contents(files: readonly Content[], at: Date, counts: Record<string, number>, missing: string[]): ArchivePieces {
    for (const { id, storage_key: key } of files) {
      const facts = await this.store.stat(key);
      const content = facts === undefined ? undefined : await this.store.openRead(key);
      if (facts === undefined || content === undefined) {
        missing.push(id);
        continue;
      }
      yield tarHeader(`contents/${id}`, facts.bytes, at);
      yield* whole(content, facts.bytes);
      yield tarPadding(facts.bytes);
      counts['files'] = (counts['files'] ?? 0) + 1;
    }
  }
}

/** The first part of a table has its name; a large table has more of them, in the order of their numbers. */
function partName(table: string, part: number): string {
  return part === 1 ? `rows/${table}.ndjson` : `rows/${table}.${part}.ndjson`;
}

/** The files of a page that have a content. */
function contentsIn(text: string): Content[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Content)
    .filter(({ storage_key }) => typeof storage_key === 'string' && storage_key !== '');
}

/** @throws Error where there is less or more than was said: the archive would be wrong from here on. */
async function* whole(content: Readable, bytes: number): ArchivePieces {
  let left = bytes;
  for await (const piece of content as AsyncIterable<Buffer>) {
    left -= piece.length;
    if (left < 0) break;
    yield piece;
  }
  if (left !== 0) throw new Error('A content of the export is not as long as its object store says.');
}

function* entry(name: string, content: Buffer, at: Date): Generator<Buffer, void> {
  yield tarHeader(name, content.length, at);
  yield content;
  yield tarPadding(content.length);
}

function json(value: object): Buffer {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
}
