import type { BudgetWindow } from '../../contracts/budgets.js';
import { periodOf } from '../budgets/budget-period.js';
import type { BudgetLimit, BudgetOwner } from './budget-limit.js';

/** A budget as it is stored, with whom it counts. */
export interface BudgetRow {
  readonly id: string;
  /** The keys whose calls count: its own and those that link it. Null: all. */
  readonly keyIds: readonly string[] | null;
  /** The published name whose calls count. Null: all. */
  readonly endpoint: string | null;
  readonly window: BudgetWindow;
  readonly currency: string | null;
  readonly amount: number;
  readonly hard: boolean;
  readonly unpriced: 'refuse' | 'allow';
  readonly epochMs: number;
}

/** A budget that counts a call, in the period that is now. */
export interface AppliedBudget {
  readonly limit: BudgetLimit;
  readonly hard: boolean;
  readonly unpriced: 'refuse' | 'allow';
}

/** Where a call comes from and goes. */
export interface CountedCall {
  readonly keyId: string;
  readonly endpoint: string;
}

const none: readonly AppliedBudget[] = [];
const mostKnown = 10_000;

/** What counts some calls, until one of the periods ends. */
interface Counting {
  readonly budgets: readonly AppliedBudget[];
  readonly stops: boolean;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** A tenant's budgets at one moment. */
export class BudgetBook {
  /** By key and published name. */
  private readonly known = new Map<string, Map<string, Counting>>();
  private knownCount = 0;
  private readonly current = new Map<BudgetRow, AppliedBudget>();
  private journal = '';

  constructor(
    private readonly tenantId: string,
    private readonly timeZone: string,
    private readonly rows: readonly BudgetRow[],
  ) {}

  /** Whether a change of such a row may change the book: keys link others, and endpoints have names. */
  dependsOn(kind: string): boolean {
    if (kind === 'keys') return this.rows.some(({ keyIds }) => keyIds !== null);
    if (kind === 'endpoints') return this.rows.some(({ endpoint }) => endpoint !== null);
    return kind === 'budgets' || kind === 'tenants';
  }

  /**
   * The budgets that count a call, each in its period at this moment, in an order that never changes.
   * @param journal of this process: where it has another one, it holds other slices.
   */
  of(call: CountedCall, nowMs: number, journal: string): readonly AppliedBudget[] {
    return this.rows.length === 0 ? none : this.counting(call, nowMs, journal).budgets;
  }

  /** Whether a budget that is a hard stop counts a call. */
  stops(call: CountedCall, nowMs: number, journal: string): boolean {
    return this.rows.length > 0 && this.counting(call, nowMs, journal).stops;
  }

  private counting({ keyId, endpoint }: CountedCall, nowMs: number, journal: string): Counting {
    if (journal !== this.journal) {
      this.journal = journal;
      this.current.clear();
      this.forget();
    }
    const known = this.known.get(keyId)?.get(endpoint);
    if (known !== undefined && nowMs >= known.fromMs && nowMs < known.untilMs) return known;
    const budgets = this.rows
      .filter((row) => (row.keyIds?.includes(keyId) ?? true) && (row.endpoint ?? endpoint) === endpoint)
      .map((row) => this.inPeriod(row, nowMs));
    const made = {
      budgets,
      stops: budgets.some(({ hard }) => hard),
      fromMs: Math.max(...budgets.map(({ limit }) => limit.startsAtMs)),
      untilMs: Math.min(...budgets.map(({ limit }) => limit.endsAtMs ?? Infinity)),
    };
    if (this.knownCount >= mostKnown) this.forget();
    this.remember(keyId, endpoint, made);
    return made;
  }

  private remember(keyId: string, endpoint: string, counting: Counting): void {
    let ofKey = this.known.get(keyId);
    if (ofKey === undefined) this.known.set(keyId, (ofKey = new Map()));
    if (!ofKey.has(endpoint)) this.knownCount += 1;
    ofKey.set(endpoint, counting);
  }

  private forget(): void {
    this.known.clear();
    this.knownCount = 0;
  }

  private inPeriod(row: BudgetRow, nowMs: number): AppliedBudget {
    const known = this.current.get(row);
    if (known !== undefined && nowMs >= known.limit.startsAtMs && nowMs < (known.limit.endsAtMs ?? Infinity)) return known;
    const { id, keyIds, endpoint, window, currency, amount, hard, unpriced, epochMs } = row;
    const period = periodOf(window, this.timeZone, nowMs);
    const owner: BudgetOwner = keyIds !== null ? 'key' : endpoint !== null ? 'endpoint' : 'tenant';
    const { tenantId } = this;
    const named = { id: `${tenantId}/${id}/${period.startsAtMs}/${this.journal}`, most: amount, epoch: epochMs };
    const limit = { ...named, ...{ tenantId, budgetId: id, owner, window, currency }, ...period } as const;
    const applied = { limit, hard, unpriced };
    this.current.set(row, applied);
    return applied;
  }
}
