import { Injectable } from '@nestjs/common';
import { AppError } from '../../kernel/app-error.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { Identity } from './key-facts.js';
import type { KeyRow } from './key-row.js';
import { KeysRepository } from './keys.repository.js';

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
    if (row === undefined) throw noSuchKey();
    return this.ofRow(tx, tenantId, row);
  }

  /** The same, with every other change of the key waiting until the transaction ends. */
  async lockIn(tx: Transaction, tenantId: string, idOrName: string): Promise<KeyView> {
    return this.ofRow(tx, tenantId, await this.lockRowIn(tx, tenantId, idOrName));
  }

  /** The row alone, locked in the same way. @throws AppError not_found. */
  async lockRowIn(tx: Transaction, tenantId: string, idOrName: string): Promise<KeyRow> {
    const id = await this.keys.lock(tx, tenantId, idOrName);
    const row = id === undefined ? undefined : await this.keys.find(tx, tenantId, id);
    if (row === undefined) throw noSuchKey();
    return row;
  }

  /** @throws AppError not_found when the key is gone. */
  async ofRow(tx: Transaction, tenantId: string, row: KeyRow): Promise<KeyView> {
    const [view] = await this.ofRows(tx, tenantId, [row]);
    if (view === undefined) throw noSuchKey();
    return view;
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
