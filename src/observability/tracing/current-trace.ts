import { AsyncLocalStorage } from 'node:async_hooks';
import type { CallTrace } from './call-trace.js';

const storage = new AsyncLocalStorage<CallTrace | undefined>();

/**
 * The trace in which the present code runs, for what is far from its request: jobs that are queued for it. Nothing on the way
 * of a relayed call asks this; there the trace is handed on.
 */
export function currentTrace(): CallTrace | undefined {
  return storage.getStore();
}

/** Does a piece of work in a trace. */
export function inTrace<T>(trace: CallTrace, work: () => T): T {
  return storage.run(trace, work);
}

/** Does a piece of work that belongs to nobody's request, although one has set it off. */
export function outsideTraces<T>(work: () => T): T {
  return storage.getStore() === undefined ? work() : storage.run(undefined, work);
}
