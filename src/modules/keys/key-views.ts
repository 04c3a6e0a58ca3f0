import { Injectable } from '@nestjs/common';
import { AppError } from '../../kernel/app-error.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { Identity } from './key-facts.js';
import { KeysRepository, type KeyRow } from './keys.repository.js';

/** A key as it is stored and what it grants now, which the same function computes as for the guard. */
export interface KeyView {
  readonly row: KeyRow;
  readonly identity: Identity;
}

/** Reads keys together with what they grant. */
@Injectable()
export class KeyViews {
  constructor(private readonly keys: KeysRepository) {}

  /** @throws AppError not_found. */
  async findIn(tx: Transaction, tenantId: string, idOrName: string): Promise<KeyView> {
    const row = await this.keys.find(tx, tenantId, idOrName);
    const [view] = row === undefined ? [] : await this.ofRows(tx, tenantId, [row]);
    if (view === undefined) throw noSuchKey();
    return view;
  }

  /** The same, with every other change of the key waiting until the transaction ends. */
  async lockIn(tx: Transaction, tenantId: string, idOrName: string): Promise<KeyView> {
    const id = await this.keys.lock(tx, tenantId, idOrName);
    return this.findIn(tx, tenantId, id ?? idOrName);
  }

  async ofRows(tx: Transaction, tenantId: string, rows: readonly KeyRow[]): Promise<KeyView[]> {
    if (rows.length === 0) return [];
    const ids = rows.map(({ id }) => id);
    const identities = await this.keys.identities(tx, tenantId, ids);
    return rows.flatMap((row) => {
      const identity = identities.get(row.id);
      return identity === undefined ? [] : [{ row, identity }];
    });
  }
}

export function noSuchKey(): AppError {
  return new AppError('not_found', { message: 'No such key.' });
}

/** @param names of the keys that link the one to delete. @throws AppError conflict when there are any. */
export function refuseLinks(names: readonly string[]): void {
  if (names.length === 0) return;
  throw new AppError('conflict', {
    message: `The key is still linked by ${names.slice(0, 10).join(', ')}. Revoking it is always possible.`,
  });
}
