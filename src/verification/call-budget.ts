/** How many requests a verification may still send. A request that is sent again counts again. */
export class CallBudget {
  private sent = 0;

  constructor(private readonly most: number) {}

  get used(): number {
    return this.sent;
  }

  get isSpent(): boolean {
    return this.sent >= this.most;
  }

  /** @throws BudgetSpentError when there is none left. */
  take(): void {
    if (this.isSpent) throw new BudgetSpentError(this.most);
    this.sent += 1;
  }
}

/** A verification wants to send more requests than it may. */
export class BudgetSpentError extends Error {
  constructor(most: number) {
    super(`A verification sends at most ${most} requests here.`);
    this.name = 'BudgetSpentError';
  }
}
