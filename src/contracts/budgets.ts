/** For how long a budget's amount is, in the days, weeks from Monday and months of its tenant's time zone; total: for good. */
export const budgetWindows = ['day', 'week', 'month', 'total'] as const;

export type BudgetWindow = (typeof budgetWindows)[number];
