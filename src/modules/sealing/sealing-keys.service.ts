import { Injectable } from '@nestjs/common';
import type { OperatorActor } from '../../catalog/admin/admin-identity.js';
import { KeyRing, SealError } from '../../platform/secrets/key-ring.js';
import { OperatorAuditWriter } from '../audit/operator-audit-writer.js';
import { passingColumns, sealedColumns, type SealedColumn } from './sealed-columns.js';
import { SealingRepository, type FormerlySealed } from './sealing.repository.js';

/** What one key of the ring, or one that has left it, has sealed. */
export interface SealingKey {
  readonly id: string;
  /** `sealing`: what is sealed now is sealed by it. `opening`: it opens what it sealed. `missing`: it has left the ring. */
  readonly state: 'sealing' | 'opening' | 'missing';
  /** Secrets that stay until they are sealed anew. */
  readonly secrets: number;
  /** Contents that go by themselves. */
  readonly passing: number;
}

/** A secret that does not open: its key has left the ring, or it was moved or changed. */
export interface Unopened {
  readonly what: string;
  readonly tenantId: string;
  readonly id: string;
}

export interface RotationStep {
  /** How many secrets were sealed anew. */
  readonly resealed: number;
  /** Whether there may be more. */
  readonly hasMore: boolean;
  readonly unopened: readonly Unopened[];
}

const pageRows = 100;
/** After so many secrets a step ends: they take some seconds. */
const stepRows = 2_000;
const mostNamed = 20;
const first = { tenantId: '', id: '' };

/**
 * Seals stored secrets anew under the first key of the ring, while everything goes on: a row is replaced only if it is still what was
 * read, so a secret that somebody sets meanwhile stays. Stopped anywhere, or run twice at once, it does no harm.
 */
@Injectable()
export class SealingKeysService {
  constructor(
    private readonly ring: KeyRing,
    private readonly repository: SealingRepository,
    private readonly audit: OperatorAuditWriter,
  ) {}

  /** Each key with what it has sealed, the sealing one first. */
  async show(): Promise<readonly SealingKey[]> {
    const secrets = await this.counted(sealedColumns);
    const passing = await this.counted(passingColumns);
    const ids = new Set([...this.ring.keyIds, ...secrets.keys(), ...passing.keys()]);
    return [...ids].map((id) => {
      const opens = this.ring.keyIds.includes(id) ? 'opening' : 'missing';
      const state = id === this.ring.sealingKeyId ? 'sealing' : opens;
      return { id, state, secrets: secrets.get(id) ?? 0, passing: passing.get(id) ?? 0 };
    });
  }

  /** Seals the next secrets anew. */
  async rotate(actor: OperatorActor): Promise<RotationStep> {
    const unopened: Unopened[] = [];
    let resealed = 0;
    let isTold = false;
    for (const column of sealedColumns) {
      for (let after = first; resealed < stepRows;) {
        const rows = await this.repository.page(column, this.ring.sealingKeyId, after, pageRows);
        if (rows.length > 0 && !isTold) await this.record(actor);
        isTold ||= rows.length > 0;
        for (const row of rows) if (await this.reseal(column, row, unopened)) resealed += 1;
        const last = rows.at(-1);
        if (last === undefined || rows.length < pageRows) break;
        after = last;
      }
    }
    return { resealed, hasMore: resealed >= stepRows, unopened };
  }

  private async reseal(column: SealedColumn, row: FormerlySealed, unopened: Unopened[]): Promise<boolean> {
    try {
      return await this.repository.replace(column, row, this.ring.reseal(row.sealed, column.contextOf(row)));
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      if (unopened.length < mostNamed) unopened.push({ what: column.name, tenantId: row.tenantId, id: row.id });
      return false;
    }
  }

  private async counted(columns: readonly Pick<SealedColumn, 'table' | 'column'>[]): Promise<Map<string, number>> {
    const sums = new Map<string, number>();
    for (const column of columns)
      for (const [key, count] of await this.repository.countByKey(column)) sums.set(key, (sums.get(key) ?? 0) + count);
    return sums;
  }

  /** Before the first secret is sealed anew: what a crash breaks off stands there too. */
  private async record(actor: OperatorActor): Promise<void> {
    const { sealingKeyId: id } = this.ring;
    const entry = { action: 'rotate', kind: 'sealing_key', objectId: id };
    await this.repository.change((transaction) => this.audit.record(transaction, actor, entry));
  }
}
