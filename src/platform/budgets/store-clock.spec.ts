import { afterEach, expect, it } from '@jest/globals';
import { StoreClock } from './store-clock.js';

const dayMs = 86_400_000;

const machine = Date.now.bind(Date);

afterEach(() => {
  Date.now = machine;
});

it('tells the time of the database, wherever the clock of the machine stands or is set to', () => {
  const told = Date.UTC(2026, 0, 1);
  const clock = new StoreClock();
  clock.heard(told);
  const before = Date.now();
  for (const jump of [-400 * dayMs, -dayMs, dayMs, 400 * dayMs]) {
    Date.now = () => before + jump;
    expect(Math.abs(clock.nowMs() - told)).toBeLessThan(dayMs / 24);
  }
});

it('goes by the clock of the machine before it has heard of the database', () => {
  expect(Math.abs(new StoreClock().nowMs() - Date.now())).toBeLessThan(dayMs / 24);
});
