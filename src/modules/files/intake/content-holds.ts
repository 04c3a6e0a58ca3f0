import { Injectable } from '@nestjs/common';
import { AppError } from '../../../kernel/app-error.js';
import { TenantDatabase, type Transaction } from '../../../platform/database/tenant-database.js';

/**
 * Contents that are read on after their file is deleted: a batch reads its input to its end. Whoever reads one holds it by
 * its own id; what nobody holds and no file knows, the sweep of orphans removes.
 */
@Injectable()
export class ContentHolds {
  constructor(private readonly database: TenantDatabase) {}

  /**
   * Holds the content of a file of the tenant until `release`. Of a deletion at the same moment one comes first.
   * @returns where the content lies.
   * @throws AppError not_found for a file that is absent, expired or not of `POST /files`.
   */
  async hold(tx: Transaction, tenantId: string, fileId: string, holder: string): Promise<string> {
    const [file] = await tx.$queryRaw<{ storageKey: string }[]>`
      select storage_key as "storageKey" from files
       where tenant_id = ${tenantId} and id = ${fileId} and kind = 'file' and (expires_at is null or expires_at > now()) for key share`;
    if (file === undefined) throw new AppError('not_found');
    const { storageKey } = file;
    await tx.contentHold.createMany({ data: [{ tenantId, storageKey, holder }], skipDuplicates: true });
    return storageKey;
  }

  /** Lets go of all that the holder holds. Contents whose file is gone are removed within the hour after next. */
  async release(tx: Transaction, tenantId: string, holder: string): Promise<void> {
    await tx.contentHold.deleteMany({ where: { tenantId, holder } });
  }

  /** Those of a tenant's contents that somebody holds. */
  async held(tenantId: string, storageKeys: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await this.database.run(tenantId, (tx) =>
      tx.contentHold.findMany({ where: { tenantId, storageKey: { in: [...storageKeys] } }, select: { storageKey: true } }),
    );
    return new Set(rows.map(({ storageKey }) => storageKey));
  }
}
