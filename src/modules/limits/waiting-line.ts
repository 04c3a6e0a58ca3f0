import type { LeasedLimit } from './call-limit.js';
import type { Lease, LimitRefusal } from './lease.js';

/** Units of a limit that a call takes. */
export interface Need<Limit extends LeasedLimit> {
  readonly limit: Limit;
  readonly units: number;
}

/** A call that waits for the store. */
export interface WaitingCall<Limit extends LeasedLimit, Held extends Lease<Limit> = Lease<Limit>> {
  readonly needs: readonly Need<Limit>[];
  readonly leases: readonly Held[];
  readonly sinceMs: number;
  /** The store was asked for all that it needs. */
  isAsked: boolean;
  readonly taken: () => void;
  readonly refused: (refusal: LimitRefusal<Limit>) => void;
}

/** What came of serving the line. */
export interface Served {
  /** To be told to calls that go or are refused, once the leases are settled. */
  readonly over: readonly (() => void)[];
  /** When it is worth asking for those that stay, in ms; 0: at once, not all were asked for. Undefined: nobody stays who is in a hurry. */
  readonly againMs: number | undefined;
}

/** What waits longer for other processes to give back is refused. */
const patienceMs = 1_500;

/** What has time waits so long. */
const laterMs = 30_000;

/** A call that waits for other processes to give back is asked for this often. */
const askAgainMs = 100;

/** Calls that wait for one exchange; more wait for the next. */
const mostWaiting = 500;

/** Calls that wait for units, in the order in which they came; those that have time come after all that have none. */
export class WaitingLine<Limit extends LeasedLimit, Held extends Lease<Limit>> {
  private calls: WaitingCall<Limit, Held>[] = [];
  private later: WaitingCall<Limit, Held>[] = [];
  /** How many of `calls` wait for each lease: nobody overtakes them. */
  private readonly wanted = new Map<Held, number>();

  get size(): number {
    return this.calls.length + this.later.length;
  }

  get hasLater(): boolean {
    return this.later.length > 0;
  }

  join(call: WaitingCall<Limit, Held>): void {
    this.calls.push(call);
    for (const lease of call.leases) this.wanted.set(lease, (this.wanted.get(lease) ?? 0) + 1);
  }

  /** @returns takes it out of the line again. */
  joinLater(call: WaitingCall<Limit, Held>): () => void {
    this.later.push(call);
    return () => {
      this.later = this.later.filter((one) => one !== call);
    };
  }

  /** Somebody waits for the lease who has no time. */
  isWanted(lease: Held): boolean {
    return this.wanted.size > 0 && this.wanted.has(lease);
  }

  /** The leases of those that have time. */
  laterLeases(): Held[] {
    return this.later.flatMap(({ leases }) => leases);
  }

  /** Whom the next exchange is for. */
  next(): WaitingCall<Limit, Held>[] {
    return [...this.calls, ...this.later].slice(0, mostWaiting);
  }

  /**
   * Lets through whoever can go, and refuses whoever cannot.
   * @param mayWait false where nothing will come from a store. @param isClosed nobody stays.
   */
  serve(nowMs: number, mayWait: boolean, isClosed: boolean): Served {
    const still: WaitingCall<Limit, Held>[] = [];
    const over: (() => void)[] = [];
    let againMs: number | undefined;
    for (const call of this.calls) {
      const isTaken = takeAll(call, nowMs);
      const waitsMs = isTaken || !mayWait ? 0 : waitsFor(call, nowMs);
      if (waitsMs > 0) {
        still.push(call);
        againMs = Math.min(againMs ?? Infinity, call.isAsked ? waitsMs : 0);
      } else {
        over.push(isTaken ? call.taken : refusing(call, nowMs));
        this.forget(call);
      }
    }
    this.calls = still;
    this.later = this.later.filter((call) => {
      if (takeAll(call, nowMs)) over.push(call.taken);
      else if (isClosed || nowMs - call.sinceMs > laterMs) over.push(refusing(call, nowMs));
      else return true;
      return false;
    });
    return { over, againMs };
  }

  private forget({ leases }: WaitingCall<Limit, Held>): void {
    for (const lease of leases) {
      const left = (this.wanted.get(lease) ?? 1) - 1;
      if (left > 0) this.wanted.set(lease, left);
      else this.wanted.delete(lease);
    }
  }
}

/** Tells the call of the limit that refuses it: one that will never have enough for it, else the first that has too little now. */
export function refuse<Limit extends LeasedLimit>(call: WaitingCall<Limit>, nowMs: number): void {
  refusing(call, nowMs)();
}

/** The same, to be told later: what is left is judged now, before what had come for the call goes back. */
function refusing<Limit extends LeasedLimit>({ needs, leases, refused }: WaitingCall<Limit>, nowMs: number): () => void {
  const refusalOf = (lease: Lease<Limit>, at: number): LimitRefusal<Limit> => lease.refusal(unitsOf(needs, at), nowMs);
  const refusals = leases.flatMap((lease, at) => (lease.has(unitsOf(needs, at), nowMs) ? [] : [refusalOf(lease, at)]));
  const refusal = refusals.find(({ waitMs }) => waitMs === null) ?? refusals[0] ?? leases.slice(0, 1).map(refusalOf)[0];
  return () => {
    if (refusal !== undefined) refused(refusal);
  };
}

/** Of a limit that is lower than what the call needs of it. */
export function refusedForGood<Limit extends LeasedLimit>(
  { needs, leases }: WaitingCall<Limit>,
  nowMs: number,
): LimitRefusal<Limit> | undefined {
  const at = leases.findIndex((lease, place) => unitsOf(needs, place) > lease.limit.most);
  return leases[at]?.refusal(unitsOf(needs, at), nowMs);
}

function takeAll<Limit extends LeasedLimit>({ needs, leases }: WaitingCall<Limit>, nowMs: number): boolean {
  if (!leases.every((lease, at) => lease.has(unitsOf(needs, at), nowMs))) return false;
  for (const [at, lease] of leases.entries()) lease.take(unitsOf(needs, at), nowMs);
  return true;
}

/** How long until it is worth asking for the call again, in ms; 0: one of its limits has refused it. */
function waitsFor<Limit extends LeasedLimit>({ needs, leases, sinceMs, isAsked }: WaitingCall<Limit>, nowMs: number): number {
  if (nowMs - sinceMs > patienceMs) return 0;
  if (!isAsked) return 1;
  const waits = leases.flatMap((lease, at) => {
    const units = unitsOf(needs, at);
    return lease.has(units, nowMs) ? [] : [lease.finalMs(units, nowMs) - nowMs];
  });
  return waits.some((ms) => ms <= 0) ? 0 : Math.min(Math.max(...waits), askAgainMs);
}

function unitsOf(needs: readonly Need<LeasedLimit>[], at: number): number {
  return needs[at]?.units ?? 0;
}
