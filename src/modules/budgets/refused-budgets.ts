import { Injectable } from '@nestjs/common';

/** A budget that has refused a call for good, since the call needs more than is left of a period. */
export interface RefusedBudget {
  readonly tenantId: string;
  readonly budgetId: string;
  readonly startsAtMs: number;
  /** Null: the period has no end. */
  readonly endsAtMs: number | null;
  /** The amount that it had. */
  readonly most: number;
}

const mostNoted = 10_000;

/** Which budgets have refused calls of this process, each once in a period for an amount, until somebody tells of them. */
@Injectable()
export class RefusedBudgets {
  /** For which amount each was noted. */
  private readonly noted = new Map<string, number>();
  private fresh: RefusedBudget[] = [];
  private due: RefusedBudget[] = [];

  add(refused: RefusedBudget): void {
    const name = nameOf(refused);
    if ((this.noted.get(name) ?? -1) >= refused.most || this.fresh.length >= mostNoted) return;
    if (this.noted.size >= mostNoted) this.noted.clear();
    this.noted.set(name, refused.most);
    const { tenantId, budgetId, startsAtMs, endsAtMs, most } = refused;
    this.fresh.push({ tenantId, budgetId, startsAtMs, endsAtMs, most });
  }

  /** Those that were noted before the last time: by then the calls that ended before the refusal are booked. */
  take(): readonly RefusedBudget[] {
    const { due } = this;
    this.due = this.fresh;
    this.fresh = [];
    return due;
  }

  /** It could not be told: its next refusal is noted again. */
  forget(refused: RefusedBudget): void {
    this.noted.delete(nameOf(refused));
  }
}

function nameOf({ tenantId, budgetId, startsAtMs }: RefusedBudget): string {
  return `${tenantId}/${budgetId}/${startsAtMs}`;
}
