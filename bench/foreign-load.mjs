import { cpus } from 'node:os';
import { cpuSeconds, machineBusySeconds } from './proc.mjs';

/**
 * Watches what programs that are not part of the benchmark use of the processors, since they spoil every figure.
 * @returns a function that ends the watch and tells it in a sentence.
 */
export function watchForeignLoad(contestants) {
  const pids = [process.pid, ...contestants.flatMap(({ relayPids, otherPids }) => [...relayPids, ...otherPids])];
  const read = () => ({ at: performance.now() / 1_000, machine: machineBusySeconds(), own: cpuSeconds(pids) });
  const before = read();
  return () => {
    const after = read();
    if (before.machine === null || before.own === null || after.own === null) return 'unknown';
    const foreign = after.machine - before.machine - (after.own - before.own);
    const percent = Math.max(0, (foreign / ((after.at - before.at) * cpus().length)) * 100);
    return `other programs used ${percent.toFixed(1)} % of the processors${percent > 5 ? ': take the figures as a look, not as a result' : ''}`;
  };
}
