import { publishedModels } from './product.mjs';
import { cores, pin } from './processes.mjs';
import { host } from './report.mjs';
import { median, pairedRatio, ratioRange } from './stats.mjs';
import { headLines, numberText, textTable } from './text-table.mjs';

/** A started product, or another key of one, as it is measured beside others of its kind. */
export function variant(name, product, key = product.key) {
  const { port, pathname } = new URL(product.baseUrl);
  const otherPids = [product.pids.worker, product.pids.postgres].filter((pid) => pid !== undefined);
  pin([product.pids.api], cores?.relay);
  pin(otherPids, cores?.rest);
  return {
    name,
    port: Number(port),
    prefix: pathname.replace(/\/$/, ''),
    key,
    models: publishedModels,
    relayPids: [product.pids.api],
    otherPids,
  };
}

/**
 * What each variant takes of the processor for a call, and its ratio to the variant `off`, round by round.
 * @param what what is varied, and `note` on how. @returns `text`, the table, and `data`, the same with every single sample.
 */
export function variantReport(samples, { options, foreignLoad, what, note }) {
  const results = Object.entries(samples).flatMap(([phase, byName]) => {
    const cpuOf = (name) => byName[name].map(({ cpuUs }) => cpuUs);
    return Object.keys(byName).map((name) => ({
      phase,
      name,
      cpuUs: median(cpuOf(name)),
      ofOff: pairedRatio(cpuOf(name), cpuOf('off')),
      range: ratioRange(cpuOf(name), cpuOf('off')),
      perSecond: median(byName[name].map(({ perSecond }) => perSecond)),
      bad: byName[name].reduce((sum, { bad }) => sum + bad, 0),
    }));
  });
  const about = {
    [`what ${what} cost`]: `${options.rounds} rounds of ${options.seconds} s${note}`,
    ...host(),
    'other load': foreignLoad,
  };
  const rows = results.map(({ phase, name, cpuUs, ofOff, range, perSecond, bad }) => [
    `${phase}, ${name}`,
    numberText(cpuUs, 1),
    numberText(ofOff, 2),
    range === null ? '' : range.map((value) => value.toFixed(2)).join('–'),
    numberText(perSecond, 0),
    String(bad),
  ]);
  const header = [`calls, ${what}`, 'CPU per call, µs', '÷ off', 'rounds', 'calls/s', 'not good'];
  return { text: [...headLines(about), '', ...textTable([header, ...rows]), ''].join('\n'), data: { about, results, samples } };
}
