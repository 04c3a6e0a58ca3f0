import { setTimeout as pause } from 'node:timers/promises';
import { cpuSeconds } from './proc.mjs';

/**
 * Runs one phase in rounds over the contestants, A B C A B C …, after each had a warm-up.
 * @returns samples by contestant's name, one per round.
 */
export async function runPhase({ phase, contestants, direct, generator, options, tell }) {
  const order = phase.direct ? [...contestants, direct] : contestants;
  for (const contestant of order) await warmUp(contestant, phase, generator, options);
  const samples = Object.fromEntries(order.map((contestant) => [contestant.name, []]));
  for (let round = 1; round <= options.rounds; round += 1) {
    tell(`${phase.id}: round ${round} of ${options.rounds}`);
    for (const contestant of order)
      samples[contestant.name].push(await measure(inRound(contestant, round), phase, generator, options));
  }
  return samples;
}

/** The contestant by the process whose turn it is. */
function inRound(contestant, round) {
  const instances = contestant.instances ?? [{}];
  return { ...contestant, ...instances[round % instances.length] };
}

async function warmUp(contestant, phase, generator, options) {
  const processes = contestant.instances?.length ?? 1;
  for (let round = 0; round < processes; round += 1) {
    await generator.run(orderFor(inRound(contestant, round), phase, options.warmUpSeconds));
  }
}

/** What the generator is asked to do with a contestant: who knows keys has a scenario of its own in some phases. */
function orderFor(contestant, phase, seconds) {
  const scenario = contestant.key !== null && phase.keyedScenario ? phase.keyedScenario : phase.scenario;
  return { contestant, phase, scenario, seconds };
}

async function measure(contestant, phase, generator, options) {
  const everyPid = [...contestant.relayPids, ...contestant.otherPids];
  const before = { relay: cpuSeconds(contestant.relayPids), all: cpuSeconds(everyPid) };
  const result = await generator.run(orderFor(contestant, phase, options.seconds));
  const busyUntil = cpuSeconds(contestant.relayPids);
  // What the product owes when the last reply is out (usage booked in the background) counts as the requests' cost,
  // and must not run while the next contestant is measured.
  if (contestant.otherPids.length > 0) await pause(options.settleMs);
  const after = { relay: cpuSeconds(contestant.relayPids), all: cpuSeconds(everyPid) };
  return sampleOf({ result, phase, contestant, before, after, busyUntil });
}

function sampleOf({ result, phase, contestant, before, after, busyUntil }) {
  const wanted = contestant.key !== null && phase.keyedStatuses ? phase.keyedStatuses : ['200'];
  const good = wanted.reduce((sum, status) => sum + (result.statuses[status] ?? 0), 0);
  const perUnit = (from, to, units) =>
    units > 0 && contestant.relayPids.length > 0 && from !== null ? ((to - from) * 1e6) / units : null;
  return {
    perSecond: result.perSecond,
    p50Ms: milliseconds(result.latency?.p50),
    p99Ms: milliseconds(result.latency?.p99),
    firstP50Ms: milliseconds(result.first?.p50),
    firstP99Ms: milliseconds(result.first?.p99),
    cpuUs: perUnit(before.relay, after.relay, result.requests),
    cpuUsAll: perUnit(before.all, after.all, result.requests),
    cpuUsPerEvent: perUnit(before.relay, after.relay, result.events),
    busyPercent: perUnit(before.relay, busyUntil, result.seconds * 1e4),
    requests: result.requests,
    reconnects: result.reconnects,
    broken: result.broken,
    bad: result.requests - good + result.failed,
    statuses: { ...result.statuses, ...(result.failed > 0 ? { 'no reply': result.failed } : {}) },
  };
}

function milliseconds(microseconds) {
  return typeof microseconds === 'number' ? microseconds / 1_000 : null;
}
