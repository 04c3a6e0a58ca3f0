import type { BudgetStateObject } from '../contracts/budget-report.js';
import { budgetName } from '../contracts/budgets.js';
import { Money } from '../contracts/money.js';
import { isoTime } from '../contracts/times.js';
import type { Refusal } from './decide.js';

/** A call, as far as budgets ask. */
export interface CountedCall {
  /** All that count it, as they stand now. */
  readonly budgets: readonly BudgetStateObject[];
  /** The currency in which a price says what it takes; null: no price says it; undefined: nobody knows which model it is. */
  readonly pricedIn: string | null | undefined;
}

const mostNamed = 5;

/**
 * Whether budgets let a call through that takes as little as a call can, and why. How much it will reserve is not known, so
 * one that is let through here may still be larger than what is left.
 */
export function judgeBudgets({ budgets, pricedIn }: CountedCall): {
  readonly refusal: Refusal | undefined;
  readonly detail: string;
} {
  const hard = budgets.filter((budget) => budget.hard);
  const unpriced = hard.filter((budget) => isUnpriced(budget, pricedIn));
  const refusing = unpriced.filter((budget) => budget.unpriced === 'refuse');
  if (refusing.length > 0) return { refusal: { code: 'insufficient_quota' }, detail: said(refusing, uncountable(pricedIn)) };
  const counting = hard.filter((budget) => !unpriced.includes(budget));
  const lacking = counting.filter(({ left }) => left === 0);
  // Of several that have nothing left, a call hears of one that gives nothing back.
  const spent = lacking.filter(isSpent);
  if (spent.length > 0) return { refusal: { code: 'insufficient_quota' }, detail: said(spent, spentFor) };
  if (lacking.length > 0) return { refusal: { code: 'rate_limit_exceeded' }, detail: said(lacking, reserved) };
  if (counting.length > 0) return { refusal: undefined, detail: said(counting, leaving) };
  return { refusal: undefined, detail: budgets.length === 0 ? 'No budget counts the call.' : 'No budget refuses the call.' };
}

function isUnpriced({ currency }: BudgetStateObject, pricedIn: CountedCall['pricedIn']): boolean {
  return currency !== null && pricedIn !== undefined && pricedIn !== currency;
}

function isSpent({ spent, amount }: BudgetStateObject): boolean {
  return spent >= amount;
}

/** A sentence for each, those that come first, and how many more there are. */
function said(budgets: readonly BudgetStateObject[], sentence: (budget: BudgetStateObject) => string): string {
  const sentences = budgets.slice(0, mostNamed).map(sentence);
  const more = budgets.length - sentences.length;
  return [...sentences, ...(more === 0 ? [] : [`And ${more} more.`])].join(' ');
}

const uncountable =
  (pricedIn: CountedCall['pricedIn']) =>
  (budget: BudgetStateObject): string =>
    `The ${named(budget)} cannot count the call: ${pricedIn == null ? 'no price says what it takes' : `its model is priced in ${pricedIn}`}.`;

function spentFor(budget: BudgetStateObject): string {
  const { amount, ends_at: endsAt } = budget;
  const again = endsAt === null ? 'does not come back by itself' : `is full again at ${isoTime(endsAt)}`;
  return `The ${named(budget)} is spent: it had ${amountOf(budget, amount)}, and ${again}.`;
}

function reserved(budget: BudgetStateObject): string {
  const taken = `${amountOf(budget, budget.spent)} of ${amountOf(budget, budget.amount)} are spent`;
  return `All that the ${named(budget)} has left is reserved by calls that run: ${taken}.`;
}

function leaving(budget: BudgetStateObject): string {
  return `The ${named(budget)} has ${amountOf(budget, budget.left)} of ${amountOf(budget, budget.amount)} left.`;
}

function named({ of, name, window, currency }: BudgetStateObject): string {
  const subject = of === 'tenant' ? {} : of === 'endpoint' ? { endpoint: name } : { key: name };
  return `budget \`${budgetName({ ...subject, window, currency })}\``;
}

function amountOf({ currency }: BudgetStateObject, amount: number): string {
  return currency === null ? `${amount} tokens` : `${new Money(amount).text()} ${currency}`;
}
