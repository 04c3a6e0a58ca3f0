import { Injectable } from '@nestjs/common';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';
import type { Recording } from '../idempotency/recording.js';
import { holdKey } from '../keys/key-hold.js';
import type { CompletionOwner, NewCompletion } from './completion-record.js';
import { CompletionsRepository } from './completions.repository.js';

/** Where the relay puts completions that clients asked to store. */
@Injectable()
export class CompletionStore {
  constructor(
    private readonly database: TenantDatabase,
    private readonly completions: CompletionsRepository,
  ) {}

  /**
   * Stores it within the caller's transaction, for the key as long as there is one.
   * @throws AppError invalid_api_key when the key was deleted meanwhile.
   */
  async insertIn(tx: Transaction, owner: CompletionOwner, made: NewCompletion): Promise<void> {
    await holdKey(tx, owner.tenantId, owner.keyId);
    await this.completions.insert(tx, owner, made);
  }

  /** Does the work in a transaction of its own, for an answer that keeps nothing besides. */
  async run(tenantId: string, work: Recording): Promise<void> {
    await this.database.run(tenantId, work);
  }
}
