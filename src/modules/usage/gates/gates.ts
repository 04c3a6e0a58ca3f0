import { Injectable } from '@nestjs/common';
import { Metrics } from '../../../observability/metrics.js';
import { CallJournal } from '../../../platform/journal/call-journal.js';
import type { CallStart } from '../../../platform/journal/call-record.js';
import { asAppError, type AppError } from '../../../kernel/app-error.js';
import type { CallLimit } from '../../limits/call-limit.js';
import { limitError } from '../../limits/limit-error.js';
import type { LimitRefusal } from '../../limits/lease.js';
import { groupsOf } from '../../limits/limit-groups.js';
import { CallLimiter } from '../../limits/call-limiter.js';
import type { Need } from '../../limits/waiting-line.js';
import { PromptEstimates } from '../../limits/prompt-estimates.js';
import { rateHeaders } from '../../limits/rate-headers.js';
import { CallPricing, type KnownTerms } from '../../prices/call-pricing.js';
import type { AppliedBudget } from '../../spending/budget-book.js';
import type { HeldClaims } from '../../spending/held-claims.js';
import { Spending, type SpendingCall } from '../../spending/spending.js';
import { tokensToReserve, type CallSize } from './call-size.js';
import { Entry } from './entry.js';
import { Ticket } from './ticket.js';

const noBudgets: readonly AppliedBudget[] = [];

/** A call that asks to be let through. */
interface Reservation {
  readonly entry: Entry;
  readonly call: CallStart;
  readonly size: CallSize;
  readonly budgets: readonly AppliedBudget[];
  readonly reserved: (ticket: Ticket) => void;
  readonly refused: (error: AppError) => void;
}

/**
 * The three gates on every path to a provider: a client's call, a turn, the embedding of a file or of a question, and
 * whatever else will call one. `enter` is for what can be judged by the caller alone (requests, and how many run at once): a
 * client's request passes it when its headers are judged, before its body is read. `reserve` is for what can be judged when
 * the call is known (the endpoint's limits, tokens, and what budgets have left). The ticket's `settle` tells what the call really took. Nothing is sent
 * to a provider without a ticket, and every ticket ends in exactly one usage record.
 */
@Injectable()
export class Gates {
  private readonly estimates = new PromptEstimates();
  private readonly places = { held: 0 };
  private readonly stopsNow = (call: SpendingCall): boolean => this.spending.stops(call) === true;

  constructor(
    private readonly journal: CallJournal,
    private readonly limiter: CallLimiter,
    private readonly metrics: Metrics,
    private readonly pricing: CallPricing,
    private readonly spending: Spending,
  ) {}

  /**
   * Lets a request in: at once where this process holds enough of its limits, else when the store has answered.
   * @param limits those of the caller. @param refused hears 429 with when to try again; then it has cost nothing.
   */
  enter(limits: readonly CallLimit[], entered: (entry: Entry) => void, refused: (error: AppError) => void): void {
    this.let(limits, groupsOf(limits).request, entered, refused);
  }

  /** The same for a call whose request was counted when it came: it takes a place among those that run. */
  enterPaid(limits: readonly CallLimit[]): Promise<Entry> {
    return new Promise((resolve, reject: (error: AppError) => void) => this.let(limits, groupsOf(limits).place, resolve, reject));
  }

  /**
   * The same for a call that has time: it waits behind all that have none, at this gate and the next one.
   * @param onGone is given what to do when nobody wants the call any more. @throws AppError when it has waited in vain.
   */
  enterLater(limits: readonly CallLimit[], onGone: (listener: () => void) => void): Promise<Entry> {
    const needs = groupsOf(limits).request;
    const entryOf = (): Entry => this.entryOf(limits, needs, true);
    if (needs.length === 0) return Promise.resolve(entryOf());
    return new Promise((resolve, reject: (error: AppError) => void) => {
      const leave = this.limiter.takeLater(
        needs,
        () => resolve(entryOf()),
        (refusal) => reject(this.errorOf(refusal)),
      );
      onGone(() => {
        leave();
        resolve(this.pass([]));
      });
    });
  }

  /** How many places are held in this process. */
  get held(): number {
    return this.places.held;
  }

  /** For what the platform itself does for a caller, of whose limits only tokens count. */
  pass(limits: readonly CallLimit[]): Entry {
    return this.entryOf(limits, []);
  }

  /** Headers that tell what is left of limits, names and values in turn. */
  headersOf(limits: readonly CallLimit[]): string[] {
    return rateHeaders(limits.map((limit) => this.limiter.stateOf(limit)));
  }

  /**
   * Lets a call through: `reserved` is called, never before this has returned, when the call is recorded so that a kill -9
   * leaves it as `interrupted`. Only then may the provider be called. What the call costs is decided by the prices of this
   * moment. Where nothing is limited nothing is waited for but the
   * journal.
   * @param refused hears 429 when a limit or a budget has too little, 503 where a budget cannot be asked; then the call has cost nothing.
   */
  reserve(
    entry: Entry,
    call: CallStart,
    size: CallSize,
    reserved: (ticket: Ticket) => void,
    refused: (error: AppError) => void,
  ): void {
    const budgets = size.isCounted ? this.spending.budgetsOf(call) : noBudgets;
    if (!(budgets instanceof Promise)) return this.reserveOf({ entry, call, size, budgets, reserved, refused });
    budgets
      .then((read) => this.reserveOf({ entry, call, size, budgets: read, reserved, refused }))
      .catch((error: unknown) => refused(asAppError(error)));
  }

  /** Whether a budget may refuse the call, or end its answer. A promise is given where budgets have to be read. */
  isStopped(call: SpendingCall): boolean | Promise<boolean> {
    return this.spending.stops(call);
  }

  /**
   * Judges a call that somebody else makes later, and that is booked when its answer is there: whether budgets have room for it now.
   * Nothing stays reserved. @param fits called, like `refused`, when that is known: before this returns where no budget counts it.
   */
  judge(call: CallStart, size: CallSize, fits: () => void, refused: (error: AppError) => void): void {
    const judged = (budgets: readonly AppliedBudget[], terms: KnownTerms): void => {
      const use = { prompt: this.estimates.of(`${call.tenantId}/${call.endpoint}`, size.bytes), output: size.output };
      const held = (claims: HeldClaims | undefined): void => {
        claims?.release();
        fits();
      };
      this.spending.claim({ call, budgets, use, terms }, held, refused);
    };
    const budgets = size.isCounted ? this.spending.budgetsOf(call) : noBudgets;
    if (!(budgets instanceof Promise) && budgets.length === 0) return fits();
    Promise.all([budgets, this.pricing.termsOf(call)])
      .then(([read, terms]) => judged(read, terms))
      .catch((error: unknown) => refused(asAppError(error)));
  }

  private reserveOf(wanted: Reservation): void {
    const { entry, call, size, budgets } = wanted;
    if (entry.own.length === 0 && size.limits.length === 0 && budgets.length === 0)
      return this.begin(wanted, this.pricing.termsOf(call));
    const name = `${call.tenantId}/${call.endpoint}`;
    const prompt = this.estimates.of(name, size.bytes);
    const tokens = tokenNeeds(entry.own, size, prompt);
    const others = entry.needsOf(size.limits);
    const needs = others.length === 0 ? tokens : [...others, ...tokens];
    const settled = (used: number, input: number): void => {
      if (input > 0) this.estimates.learn(name, size.bytes, input);
      if (tokens.length === 0) return;
      this.metrics.limitTokens.add('settled', undefined, used);
      this.limiter.giveBack(tokens.map(({ limit, units }) => ({ limit, units: units - used })));
    };
    const go = (terms: KnownTerms | Promise<KnownTerms>, claims?: HeldClaims): void => {
      entry.calls(size.limits, others);
      if (tokens.length > 0) this.metrics.limitTokens.add('reserved', undefined, Math.max(...tokens.map(({ units }) => units)));
      this.begin(wanted, terms, settled, claims);
    };
    const turnedAway = (error: AppError): void => {
      entry.refuse();
      queueMicrotask(() => wanted.refused(error));
    };
    const taken = (): void => {
      const terms = this.pricing.termsOf(call);
      if (budgets.length === 0) return go(terms);
      const tooLittle = (error: AppError): void => {
        this.limiter.giveBack(needs);
        turnedAway(error);
      };
      const use = size.isAnswered ? null : { prompt, output: size.output };
      const claim = (known: KnownTerms): void =>
        this.spending.claim({ call, budgets, use, terms: known }, (claims) => go(known, claims), tooLittle);
      if (terms instanceof Promise) void terms.then(claim);
      else claim(terms);
    };
    const tooMuch = (refusal: LimitRefusal<CallLimit>): void => turnedAway(this.errorOf(refusal));
    if (needs.length === 0) taken();
    else if (entry.hasTime) this.limiter.takeLater(needs, taken, tooMuch);
    else this.limiter.take(needs, taken, tooMuch);
  }

  /** The call is written to the journal, with what budgets hold for it; then it may be sent. */
  private begin(
    { entry, call, size, budgets, reserved }: Reservation,
    terms: KnownTerms | Promise<KnownTerms>,
    settled?: (used: number, input: number) => void,
    claims?: HeldClaims,
  ): void {
    const bound = size.output > 0 && budgets.some(({ hard }) => hard) ? size.output : undefined;
    const ticket = new Ticket(this.journal, call.id, terms, entry.begins(call.id), settled, claims, bound);
    this.journal.begin(call, () => reserved(ticket), claims?.text);
  }

  private entryOf(limits: readonly CallLimit[], taken: readonly Need<CallLimit>[], hasTime = false): Entry {
    return new Entry(this.limiter, this.places, this.stopsNow, limits, taken, hasTime);
  }

  private errorOf(refusal: LimitRefusal<CallLimit>): AppError {
    this.metrics.limitRefusals.add(refusal.limit.kind, refusal.limit.owner);
    return limitError(refusal);
  }

  private let(
    limits: readonly CallLimit[],
    needs: readonly Need<CallLimit>[],
    entered: (entry: Entry) => void,
    refused: (error: AppError) => void,
  ): void {
    if (needs.length === 0) return entered(this.entryOf(limits, []));
    this.limiter.take(
      needs,
      () => entered(this.entryOf(limits, needs)),
      (refusal) => refused(this.errorOf(refusal)),
    );
  }
}

function tokenNeeds(own: readonly CallLimit[], size: CallSize, prompt: number): readonly Need<CallLimit>[] {
  const [ofCaller, ofEndpoint] = [groupsOf(own).tokens, groupsOf(size.limits).tokens];
  if (ofCaller.length === 0 && ofEndpoint.length === 0) return [];
  return [...ofCaller, ...ofEndpoint].map((limit) => ({ limit, units: tokensToReserve(prompt, size, limit.most) }));
}
