import { needText, type Need } from '../../catalog/needs.js';
import { storable } from '../../platform/journal/record-columns.js';

/** What a key used in one call. */
export interface Touch {
  readonly tenantId: string;
  readonly keyId: string;
  readonly route?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly dataset?: string | undefined;
  /** What it needed of its key beyond what its route says. */
  readonly needs?: readonly Need[] | undefined;
}

export type ExerciseKind = 'route' | 'endpoint' | 'dataset' | 'scope';

/** How often a key used one route, alias, dataset or scope, and when; times in milliseconds since 1970. */
export interface Exercise {
  readonly tenantId: string;
  readonly keyId: string;
  readonly kind: ExerciseKind;
  readonly value: string;
  calls: number;
  firstAtMs: number;
  lastAtMs: number;
}

/** With the database away, what is new beyond this is not remembered: it is a report, not a bill. */
const maxEntries = 100_000;

/** Adds up what keys used, one entry for each thing. Injected, it holds what the next drain will write. */
export class KeyTouches {
  private entries = new Map<string, Exercise>();

  /** Counts one call at a time in milliseconds since 1970. */
  add(touch: Touch, atMs: number): void {
    const { tenantId, keyId } = touch;
    const once = { tenantId, keyId, calls: 1, firstAtMs: atMs, lastAtMs: atMs };
    if (touch.route !== undefined) this.merge({ ...once, kind: 'route', value: touch.route });
    if (touch.endpoint !== undefined) this.merge({ ...once, kind: 'endpoint', value: storable(touch.endpoint) });
    if (touch.dataset !== undefined) this.merge({ ...once, kind: 'dataset', value: storable(touch.dataset) });
    for (const need of touch.needs ?? []) this.merge({ ...once, kind: 'scope', value: needText(need) });
  }

  /** Remembers what a call that is made now needs of its key beyond what its route says. */
  rely({ id: keyId, tenantId }: { readonly id: string; readonly tenantId: string }, needs: readonly Need[]): void {
    this.add({ tenantId, keyId, needs }, Date.now());
  }

  /** Adds what was counted elsewhere, or what `take` gave and could not be written. */
  merge(exercise: Exercise): void {
    const id = `${exercise.tenantId}\n${exercise.keyId}\n${exercise.kind}\n${exercise.value}`;
    const known = this.entries.get(id);
    if (known === undefined) {
      if (this.entries.size < maxEntries) this.entries.set(id, exercise);
      return;
    }
    known.calls += exercise.calls;
    known.firstAtMs = Math.min(known.firstAtMs, exercise.firstAtMs);
    known.lastAtMs = Math.max(known.lastAtMs, exercise.lastAtMs);
  }

  /** Gives all entries and forgets them. */
  take(): Exercise[] {
    const taken = [...this.entries.values()];
    if (taken.length > 0) this.entries = new Map();
    return taken;
  }
}
