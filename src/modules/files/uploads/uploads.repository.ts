import { Injectable } from '@nestjs/common';
import type { Prisma, Upload, UploadPart } from '../../../platform/database/generated/client.js';
import type { Transaction } from '../../../platform/database/tenant-database.js';
import { runSeconds } from './upload-record.js';

/** The rows of a tenant's uploads and of their parts. */
@Injectable()
export class UploadsRepository {
  async find(tx: Transaction, tenantId: string, id: string): Promise<Upload | null> {
    return tx.upload.findFirst({ where: { tenantId, id } });
  }

  /** The same, locked until the transaction ends: what is decided by it holds. */
  async lock(tx: Transaction, tenantId: string, id: string): Promise<Upload | null> {
    await tx.$queryRaw`select from uploads where tenant_id = ${tenantId} and id = ${id} for update`;
    return this.find(tx, tenantId, id);
  }

  async insert(tx: Transaction, values: Prisma.UploadUncheckedCreateInput): Promise<Upload> {
    return tx.upload.create({ data: values });
  }

  /** How many uploads of the tenant take parts now; counted no further than `most`. */
  async countOpen(tx: Transaction, tenantId: string, most: number): Promise<number> {
    const [row] = await tx.$queryRaw<{ count: number }[]>`
      select count(*)::int as count from (select 1 from uploads
       where tenant_id = ${tenantId} and state = 'pending' and expires_at > now() limit ${most}) as open`;
    return row?.count ?? 0;
  }

  /** Adds a part to an upload that is locked. */
  async addPart(tx: Transaction, part: Omit<UploadPart, 'createdAt'>): Promise<UploadPart> {
    const { tenantId, id, uploadId, keyId, bytes, sha256, storageKey } = part;
    const createdAt = new Date();
    await tx.$executeRaw`
      with counted as
        (update uploads set received = received + ${bytes}, parts = parts + 1 where tenant_id = ${tenantId} and id = ${uploadId})
      insert into upload_parts (tenant_id, id, upload_id, key_id, bytes, sha256, storage_key, created_at)
      values (${tenantId}, ${id}, ${uploadId}, ${keyId}, ${bytes}, ${sha256}, ${storageKey}, ${createdAt})`;
    return { ...part, createdAt };
  }

  /** A part of the upload with this content. */
  async sameContent(tx: Transaction, tenantId: string, uploadId: string, sha256: string): Promise<UploadPart | null> {
    return tx.uploadPart.findFirst({ where: { tenantId, uploadId, sha256 } });
  }

  async partsOf(tx: Transaction, tenantId: string, uploadId: string): Promise<UploadPart[]> {
    return tx.uploadPart.findMany({ where: { tenantId, uploadId } });
  }

  /** Gives an open upload to a run, unless a living one has it. @returns false when it was not given. */
  async claim(tx: Transaction, tenantId: string, id: string, run: string): Promise<boolean> {
    const count = await tx.$executeRaw`
      update uploads set run = ${run}, beat_at = now()
       where tenant_id = ${tenantId} and id = ${id} and state = 'pending'
         and (beat_at < now() - make_interval(secs => ${runSeconds}) or (run is null and expires_at > now()))`;
    return count > 0;
  }

  /** Says that the run lives. @returns false when the upload is no longer its own. */
  async beat(tx: Transaction, tenantId: string, id: string, run: string): Promise<boolean> {
    const count = await tx.$executeRaw`
      update uploads set beat_at = now() where tenant_id = ${tenantId} and id = ${id} and state = 'pending' and run = ${run}`;
    return count > 0;
  }

  /** Lets go of an upload of which nothing was made. */
  async release(tx: Transaction, tenantId: string, id: string, run: string): Promise<void> {
    await tx.upload.updateMany({ where: { tenantId, id, run }, data: { run: null, beatAt: null } });
  }

  /** Ends an upload that is locked, without its parts. @returns where their contents lie. */
  async end(
    tx: Transaction,
    { tenantId, id }: Upload,
    as: { readonly state: 'cancelled' } | { readonly state: 'completed'; readonly fileId: string; readonly partIds: string[] },
  ): Promise<void> {
    await tx.upload.update({ where: { tenantId_id: { tenantId, id } }, data: { ...as, run: null, beatAt: null } });
  }

  /** Takes the parts out. @returns where their contents lie. */
  async removeParts(tx: Transaction, tenantId: string, uploadId: string): Promise<string[]> {
    const rows = await tx.$queryRaw<{ key: string }[]>`
      delete from upload_parts where tenant_id = ${tenantId} and upload_id = ${uploadId} returning storage_key as key`;
    return rows.map(({ key }) => key);
  }
}
