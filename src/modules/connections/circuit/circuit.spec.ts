import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { connectionLimits } from '../../../contracts/connection-limits.js';
import { answered, brokenOff, failedBy, leftEarly, notSignedIn, refusedWith, type CallOutcome } from './call-outcome.js';
import { Circuit, nobody, type LetThrough } from './circuit.js';

const down: CallOutcome = { provider: 'down', failure: 'timeout' };
const place = 'https://api.example.com/v1';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** What has been said of calls has arrived. */
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

function circuitWith(limits: object, turned: (state: string) => void = () => undefined): Circuit {
  return new Circuit({ ...nobody, turned }).set({ place, limits: connectionLimits.parse(limits) });
}

function letThrough(circuit: Circuit): LetThrough {
  const entered = circuit.enter();
  if (entered.refused !== undefined) throw new Error(`Refused: ${entered.refused}.`);
  return entered;
}

async function call(circuit: Circuit, outcome: CallOutcome): Promise<void> {
  letThrough(circuit).end(outcome);
  await settled();
}

describe('the outcome of a call', () => {
  it('counts against the provider when it was not there, broke off, or says that it fails', () => {
    const provider = (outcome: CallOutcome) => outcome.provider;
    expect(
      (['refused', 'broken', 'timeout_first_byte', 'timeout_idle', 'timeout_total'] as const).map(failedBy).map(provider),
    ).toEqual(Array.from({ length: 5 }, () => 'down'));
    expect([500, 502, 503, 504, 529].map((status) => provider(refusedWith(status, false)))).toEqual(
      Array.from({ length: 5 }, () => 'down'),
    );
  });

  it('says nothing of the provider when the process had no place for the call', () => {
    expect(failedBy('busy')).toEqual(leftEarly);
  });

  it('never counts against it when the request was wrong, the key too fast or the credential bad', () => {
    fc.assert(
      fc.property(fc.integer({ min: 300, max: 499 }), fc.boolean(), (status, isCallers) => {
        expect(refusedWith(status, isCallers).provider).toBe('alive');
      }),
    );
  });
});

describe('the breaker of a connection', () => {
  /** What a breaker must do, said once more: calls come one after the other. */
  interface Reference {
    failed: number;
    openedAt: number | undefined;
  }

  it('opens after so many failures in a row, lets one call try after the rest, and closes when that is answered', async () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.constant(down) },
      { weight: 1, arbitrary: fc.constantFrom(answered, leftEarly, notSignedIn, refusedWith(401, false)) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 3000 }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 60 }), async (failures, steps) => {
        const circuit = circuitWith({ breaker: { failures, rest_seconds: 2 } });
        const model: Reference = { failed: 0, openedAt: undefined };
        for (const now of steps) {
          if (typeof now === 'number') {
            await jest.advanceTimersByTimeAsync(now);
            continue;
          }
          const left = model.openedAt === undefined ? 0 : Math.max(0, model.openedAt + 2000 - Date.now());
          const entered = circuit.enter();
          expect(entered).toMatchObject(left > 0 ? { refused: 'resting', waitMs: left } : { end: expect.any(Function) });
          if (entered.refused !== undefined) continue;
          expect(circuit.state).toBe(model.openedAt === undefined ? 'closed' : 'half_open');
          entered.end(now);
          await settled();
          if (now.provider === 'alive') Object.assign(model, { failed: 0, openedAt: undefined });
          else if (now.provider === 'down') {
            model.failed += 1;
            if (model.openedAt !== undefined || model.failed >= failures) model.openedAt = Date.now();
          }
          const resting = Date.now() < (model.openedAt ?? 0) + 2000 ? 'open' : 'half_open';
          expect(circuit.state).toBe(model.openedAt === undefined ? 'closed' : resting);
        }
      }),
    );
  });

  it('has one call try at a time, and a client that leaves has found out nothing', async () => {
    const told: string[] = [];
    const circuit = circuitWith({ breaker: { failures: 1, rest_seconds: 2 } }, (state) => told.push(state));
    await call(circuit, down);
    await jest.advanceTimersByTimeAsync(2000);
    const trial = letThrough(circuit);
    expect(circuit.enter()).toEqual({ refused: 'resting', waitMs: 1000 });
    trial.end(leftEarly);
    await settled();
    const next = letThrough(circuit);
    expect(circuit.enter()).toMatchObject({ refused: 'resting' });
    next.end(answered);
    await settled();
    expect([circuit.state, told]).toEqual(['closed', ['open', 'closed']]);
  });

  it.each([
    ['closes', (further: LetThrough) => further.answering(), 'closed'],
    ['stays open', (further: LetThrough) => further.end(down), 'open'],
    ['waits on', (further: LetThrough) => further.end(leftEarly), 'half_open'],
  ])('lets another call try when the first waits for long, and %s by what that finds out', async (_what, finds, state) => {
    const circuit = circuitWith({ breaker: { failures: 1, rest_seconds: 2 } });
    await call(circuit, down);
    await jest.advanceTimersByTimeAsync(2000);
    const trial = letThrough(circuit);
    await jest.advanceTimersByTimeAsync(1999);
    expect(circuit.enter()).toMatchObject({ refused: 'resting' });
    await jest.advanceTimersByTimeAsync(1);
    const further = letThrough(circuit);
    expect(circuit.enter()).toMatchObject({ refused: 'resting' });
    finds(further);
    await settled();
    expect(circuit.state).toBe(state);
    trial.end(answered);
    await settled();
    expect(circuit.state).toBe(state === 'open' ? 'open' : 'closed');
  });

  it('closes when the answer to the call that tries begins; its end counts like any other', async () => {
    const circuit = circuitWith({ breaker: { failures: 2, rest_seconds: 2 } });
    await call(circuit, down);
    await call(circuit, down);
    await jest.advanceTimersByTimeAsync(2000);
    const trial = letThrough(circuit);
    trial.answering();
    await settled();
    expect(circuit.state).toBe('closed');
    trial.end(brokenOff);
    await settled();
    expect(circuit.state).toBe('closed');
    await call(circuit, down);
    expect(circuit.state).toBe('open');
  });

  it('opens when streams begin well and break off', async () => {
    const circuit = circuitWith({ breaker: { failures: 2, rest_seconds: 2 } });
    for (let at = 0; at < 2; at += 1) {
      const stream = letThrough(circuit);
      stream.answering();
      stream.end(brokenOff);
      await settled();
    }
    expect(circuit.state).toBe('open');
  });

  it('goes on when the connection is read anew, and begins anew with another address or other settings', async () => {
    const limits = connectionLimits.parse({ breaker: { failures: 1 } });
    const circuit = circuitWith(limits);
    await call(circuit, down);
    expect(circuit.set({ place, limits: { ...limits } }).state).toBe('open');
    expect(circuit.set({ place: 'https://other.example.com/v1', limits }).state).toBe('closed');
    await call(circuit, down);
    expect(circuit.set({ place, limits: connectionLimits.parse({ breaker: { failures: 2 } }) }).state).toBe('closed');
  });

  it('is not there where it was switched off', async () => {
    const circuit = circuitWith({ breaker: null });
    for (let at = 0; at < 50; at += 1) await call(circuit, down);
    expect(circuit.state).toBe('closed');
  });
});

describe('the bulkhead of a connection', () => {
  it('lets through as many calls at once as it has places, whatever ends them', async () => {
    const outcome = fc.constantFrom(answered, down, leftEarly, notSignedIn);
    const step = fc.oneof(fc.constant('enter' as const), fc.tuple(fc.nat(), outcome));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.array(step, { maxLength: 60 }), async (most, steps) => {
        const circuit = circuitWith({ max_parallel: most, breaker: null });
        const running: LetThrough[] = [];
        for (const now of steps) {
          if (now === 'enter') {
            const entered = circuit.enter();
            expect(entered.refused).toBe(running.length < most ? undefined : 'full');
            if (entered.refused === undefined) running.push(entered);
          } else if (running.length > 0) {
            const [ended] = running.splice(now[0] % running.length, 1);
            ended?.end(now[1]);
            // Only the first end counts.
            ended?.end(leftEarly);
            await settled();
          }
        }
      }),
    );
  });

  it('takes no place for a call that the breaker refuses', async () => {
    const circuit = circuitWith({ max_parallel: 1, breaker: { failures: 1, rest_seconds: 2 } });
    await call(circuit, down);
    for (let at = 0; at < 3; at += 1) expect(circuit.enter()).toMatchObject({ refused: 'resting' });
    await jest.advanceTimersByTimeAsync(2000);
    letThrough(circuit);
  });
});
