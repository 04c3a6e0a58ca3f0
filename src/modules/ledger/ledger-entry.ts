import type { LedgerKind } from '../../contracts/ledger.js';

/** What tells one entry of a tenant from all others. */
export interface LedgerEntryKey {
  readonly callId: string;
  readonly budgetId: string;
  readonly kind: LedgerKind;
  readonly part: number;
}

export interface LedgerEntryRecord extends LedgerEntryKey {
  readonly startsAt: Date;
  /** When the call began. */
  readonly at: Date;
  readonly amount: number;
  /** Null: tokens. */
  readonly currency: string | null;
  readonly tokens: number;
  readonly isAssumed: boolean;
}

/** The id of an entry, as lists go by it. */
export function entryId({ callId, budgetId, kind, part }: LedgerEntryKey): string {
  return [callId, budgetId, kind, part].join('-');
}

/** What an id names; undefined for what cannot be one. */
export function entryOfId(id: string): LedgerEntryKey | undefined {
  const [, callId = '', budgetId = '', kind = '', part] = /^(\w+)-(\w+)-(reserve|settle|release)-(\d)$/.exec(id) ?? [];
  return part === undefined ? undefined : { callId, budgetId, kind: kind as LedgerKind, part: Number(part) };
}
