import { Injectable } from '@nestjs/common';
import type { CreateKeyRequest } from '../../contracts/keys.js';
import type { Purpose } from '../../contracts/scopes.js';
import { AppError } from '../../kernel/app-error.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import { KeysRepository, type KeyRow } from './keys.repository.js';

/** The keys that a conversation key takes its permissions from; of other keys both are null. */
export interface KeyLinks {
  readonly inferenceKeyId: string | null;
  readonly uploadKeyId: string | null;
  /** What the inference link holds, living or not: granting the link grants this. */
  readonly scopes: readonly string[];
}

const none: KeyLinks = { inferenceKeyId: null, uploadKeyId: null, scopes: [] };

/** Finds the keys that a conversation key is to link (contract section 1). */
@Injectable()
export class KeyLinking {
  constructor(private readonly keys: KeysRepository) {}

  /**
   * The links of a key of this purpose. A linked key is named by id or name.
   * @throws AppError invalid_value for a key that is not the tenant's, is revoked or has another purpose, and for links
   * of a key that takes none; missing_required_parameter when a conversation key has no inference link.
   */
  async resolve(tx: Transaction, tenantId: string, purpose: Purpose, given: CreateKeyRequest['links']): Promise<KeyLinks> {
    if (purpose !== 'conversation') {
      if (given === undefined) return none;
      throw new AppError('invalid_value', { param: 'links', message: 'Only keys of the purpose conversation link other keys.' });
    }
    if (given === undefined) {
      throw new AppError('missing_required_parameter', {
        param: 'links.inference',
        message: "Missing required parameter: 'links.inference'.",
      });
    }
    const inference = await this.find(tx, tenantId, 'inference', given.inference);
    const upload = given.upload == null ? undefined : await this.find(tx, tenantId, 'upload', given.upload);
    return { inferenceKeyId: inference.id, uploadKeyId: upload?.id ?? null, scopes: inference.scopes };
  }

  private async find(tx: Transaction, tenantId: string, as: 'inference' | 'upload', idOrName: string): Promise<KeyRow> {
    const found = await this.keys.find(tx, tenantId, idOrName);
    if (found !== undefined && found.purpose === as && found.state !== 'revoked') return found;
    throw new AppError('invalid_value', {
      param: `links.${as}`,
      message: `The tenant has no live key of the purpose ${as} with this id or name.`,
    });
  }
}
