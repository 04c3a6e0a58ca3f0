import { setTimeout as pause } from 'node:timers/promises';
import { phases } from './phases.mjs';
import { residentMegabytes } from './proc.mjs';
import { median } from './stats.mjs';

const mix = ['json', 'streams', 'large'];
const warmUpRepeats = 2;

/** What the start left behind counts from here on. */
const startedMs = 2_000;
/** V8 gives back what is not needed when a process has been quiet for about half of that. */
const idleMs = 90_000;

/** Resident memory of each contestant's serving process in MB: two seconds after the last one's start, and after quiet. */
export async function idleMemory(contestants, tell) {
  await pause(startedMs);
  const started = residentOf(contestants);
  tell('memory: a minute and a half of quiet');
  await pause(idleMs);
  return { started, idle: residentOf(contestants) };
}

function residentOf(contestants) {
  return Object.fromEntries(contestants.map(({ name, relayPids }) => [name, residentMegabytes(relayPids[0])]));
}

/**
 * Repeats a mix of JSON chat, streams and 200 KB bodies and reads the resident memory a second after each repeat.
 * @returns by contestant: the series in MB after warm-up, and `growth`, its last third over its first third.
 */
export async function memoryOverRepeats({ contestants, generator, options, tell }) {
  const series = Object.fromEntries(contestants.map((contestant) => [contestant.name, []]));
  for (let repeat = 1 - warmUpRepeats; repeat <= options.memoryRepeats; repeat += 1) {
    tell(repeat < 1 ? 'memory: warm-up' : `memory: repeat ${repeat} of ${options.memoryRepeats}`);
    for (const contestant of contestants) {
      for (const id of mix) await loadOnce(contestant, id, generator, options);
      await pause(1_000);
      if (repeat >= 1) series[contestant.name].push(residentMegabytes(contestant.relayPids[0]));
    }
  }
  return Object.fromEntries(
    Object.entries(series).map(([name, megabytes]) => [name, { megabytes, growth: growthOf(megabytes) }]),
  );
}

async function loadOnce(contestant, id, generator, options) {
  const phase = phases.find((candidate) => candidate.id === id);
  await generator.run({ contestant, phase, scenario: phase.scenario, seconds: Math.min(1.5, options.seconds) });
}

/** Median of the last third of the series over the median of its first third; null when memory cannot be read. */
export function growthOf(megabytes) {
  const third = Math.max(1, Math.floor(megabytes.length / 3));
  const first = median(megabytes.slice(0, third));
  const last = median(megabytes.slice(-third));
  return first === null || last === null ? null : last / first;
}
