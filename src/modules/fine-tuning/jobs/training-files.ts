import { Injectable } from '@nestjs/common';
import { AppError } from '../../../kernel/app-error.js';
import type { Transaction } from '../../../platform/database/tenant-database.js';
import { ContentHolds } from '../../files/intake/content-holds.js';
import { TenantFiles } from '../../files/tenant/tenant-files.service.js';
import { unusableFile } from '../file-faults.js';

/** The files that a job names. */
@Injectable()
export class TrainingFiles {
  constructor(
    private readonly files: TenantFiles,
    private readonly holds: ContentHolds,
  ) {}

  /** Refuses what is no file for fine-tuning. @throws AppError invalid_value. */
  async check(tenantId: string, id: string, param: string): Promise<void> {
    const file = await this.files.find(tenantId, id);
    if (file === null) throw refusal(param, 'There is no such file.');
    if (file.purpose !== 'fine-tune')
      throw refusal(param, `The file has the purpose ${file.purpose}; a job needs one of the purpose fine-tune.`);
    if (file.state === 'failed') throw refusal(param, unusableFile(file));
  }

  /** Keeps the content of a file for a job, also beyond the file's deletion. @returns where it lies. @throws AppError invalid_value. */
  async hold(tx: Transaction, tenantId: string, id: string, { jobId, param }: { jobId: string; param: string }): Promise<string> {
    try {
      return await this.holds.hold(tx, tenantId, id, jobId);
    } catch (error) {
      if (error instanceof AppError && error.code === 'not_found') throw refusal(param, 'There is no such file.');
      throw error;
    }
  }
}

function refusal(param: string, message: string): AppError {
  return new AppError('invalid_value', { param, message });
}
