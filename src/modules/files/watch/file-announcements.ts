import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../../platform/database/tenant-database.js';
import { WebhookOutbox } from '../../webhooks/webhook-outbox.js';
import { fileObjectOf } from '../record/file-object.js';
import { FilesRepository } from '../record/files.repository.js';

/** Tells the tenant's webhooks that a file has come to its end. */
@Injectable()
export class FileAnnouncements {
  constructor(
    private readonly files: FilesRepository,
    private readonly outbox: WebhookOutbox,
  ) {}

  /** To be called in the transaction that ended the file, after its row was written: the event shows the row. */
  async announce(tx: Transaction, tenantId: string, id: string, end: 'ready' | 'failed'): Promise<void> {
    await this.outbox.record(tx, tenantId, `file.${end}`, async () => {
      const file = await this.files.find(tx, tenantId, id);
      return file === null ? null : { object: fileObjectOf(file) };
    });
  }
}
