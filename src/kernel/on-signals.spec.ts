import { describe, expect, it } from '@jest/globals';
import { onSignals } from './on-signals.js';

const heard = (): number => process.listenerCount('SIGUSR2') + process.listenerCount('SIGCONT');

describe('onSignals', () => {
  it('does what it is told at the first signal of each kind', () => {
    const told: string[] = [];
    const forget = onSignals({ SIGUSR2: () => told.push('SIGUSR2'), SIGCONT: () => told.push('SIGCONT') });
    process.emit('SIGUSR2', 'SIGUSR2');
    process.emit('SIGUSR2', 'SIGUSR2');
    process.emit('SIGCONT', 'SIGCONT');
    forget();
    expect(told).toEqual(['SIGUSR2', 'SIGCONT']);
  });

  it('leaves nothing in the process once it is told to stop', () => {
    const before = heard();
    const forget = onSignals({ SIGUSR2: () => undefined, SIGCONT: () => undefined });
    expect(heard()).toBe(before + 2);
    forget();
    expect(heard()).toBe(before);
  });
});
