import { median, pairedDifference, pairedRatio, ratioRange } from './stats.mjs';

/**
 * Every figure that is printed, once: from which phase and which value of a sample it comes, against whom, and its target.
 *
 * kind `ratio`: product ÷ `against`, paired by round. `added`: product − direct, so the time that the relay adds.
 * `more`: product − `against`. `count`: the product's sum over the rounds. `plain`: the product's own value.
 * A figure without `atLeast` or `atMost` is printed to be watched.
 */
// prettier-ignore
export const figures = [
  { id: 'json.rate', phase: 'json', label: 'JSON chat', unit: 'req/s', kind: 'ratio', value: 'perSecond', against: 'bare', atLeast: 0.9 },
  { id: 'json.rate.nginx', phase: 'json', label: 'JSON chat, against nginx', unit: 'req/s', kind: 'ratio', value: 'perSecond', against: 'nginx' },
  { id: 'json.cpu', phase: 'json', label: 'CPU per request', unit: 'µs', kind: 'ratio', value: 'cpuUs', against: 'bare', atMost: 1.2 },
  { id: 'json.cpu.all', phase: 'json', label: 'CPU per request with database and worker', unit: 'µs', kind: 'ratio', value: 'cpuUsAll', against: 'bare', atMost: 1.6 },
  { id: 'json.busy', phase: 'json', label: "relay's core busy", unit: '%', kind: 'plain', value: 'busyPercent' },
  { id: 'latency.p50.added', phase: 'latency', label: '10 ms upstream: p50 added', unit: 'ms', kind: 'added', value: 'p50Ms', atMost: 0.5 },
  { id: 'latency.p99', phase: 'latency', label: '10 ms upstream: p99', unit: 'ms', kind: 'ratio', value: 'p99Ms', against: 'bare', atMost: 1.5 },
  { id: 'paced.broken', phase: 'paced', label: '200 paced streams: not whole', unit: '', kind: 'count', value: 'broken', atMost: 0 },
  { id: 'paced.first.added', phase: 'paced', label: '200 paced streams: first chunk p50 added', unit: 'ms', kind: 'added', value: 'firstP50Ms' },
  { id: 'paced.first.more', phase: 'paced', label: "200 paced streams: first chunk p50 more than bare's", unit: 'ms', kind: 'more', value: 'firstP50Ms', against: 'bare', atMost: 1.5 },
  { id: 'paced.cpu', phase: 'paced', label: '200 paced streams: CPU per chunk', unit: 'µs', kind: 'ratio', value: 'cpuUsPerEvent', against: 'bare', atMost: 1.2 },
  { id: 'streams.rate', phase: 'streams', label: '50-event streams', unit: '/s', kind: 'ratio', value: 'perSecond', against: 'bare', atLeast: 0.9 },
  { id: 'streams.broken', phase: 'streams', label: '50-event streams: not whole', unit: '', kind: 'count', value: 'broken', atMost: 0 },
  { id: 'large.cpu', phase: 'large', label: '200 KB bodies: CPU per request', unit: 'µs', kind: 'ratio', value: 'cpuUs', against: 'bare', atMost: 1.3 },
  { id: 'large.rate', phase: 'large', label: '200 KB bodies', unit: 'req/s', kind: 'ratio', value: 'perSecond', against: 'bare' },
  { id: 'embeddings.rate', phase: 'embeddings', label: 'embeddings in base64', unit: 'req/s', kind: 'ratio', value: 'perSecond', against: 'bare', atLeast: 0.85 },
  { id: 'floats.rate', phase: 'floats', label: 'embeddings as numbers', unit: 'req/s', kind: 'ratio', value: 'perSecond', against: 'bare', atLeast: 0.85 },
  { id: 'refused.rate', phase: 'refused', label: 'unknown keys refused (401)', unit: 'req/s', kind: 'ratio', value: 'perSecond', against: 'bare', atLeast: 0.9 },
  { id: 'flood.rate', phase: 'flood', label: 'unknown keys from one address (401, 429)', unit: 'req/s', kind: 'ratio', value: 'perSecond', against: 'bare', atLeast: 0.9 },
  { id: 'memory.started', phase: 'memory', label: 'memory of the serving process two seconds after its start', unit: 'MB', kind: 'plain', value: 'started', atMost: 150 },
  { id: 'memory.idle', phase: 'memory', label: 'idle memory after a minute and a half', unit: 'MB', kind: 'plain', value: 'idle', atMost: 150 },
  { id: 'memory.growth', phase: 'memory', label: 'memory after repeats ÷ before', unit: '×', kind: 'plain', value: 'growth', atMost: 1.1 },
  { id: 'memory.loaded', phase: 'memory', label: 'memory after the last repeat', unit: 'MB', kind: 'plain', value: 'loaded', atMost: 300 },
];

/**
 * The figures of the phases that ran. `samples[phase][contestant]` is a list of samples, one per round.
 * @returns per figure the value of each contestant, `judged` (the number that the target speaks of), `range`
 * (the smallest and largest ratio of a round) and `word`:
 * `ok`, `MISSED`, '' without a target, '—' where it could not be measured. Replies that were not what the phase asks
 * for make a figure `MISSED`, whatever its number.
 */
export function judge(samples) {
  return figures.filter((figure) => samples[figure.phase] !== undefined).map((figure) => judgeOne(figure, samples[figure.phase]));
}

function judgeOne(figure, byContestant) {
  const values = (name, field = figure.value) => (byContestant[name] ?? []).map((sample) => sample[field] ?? NaN);
  const shown = (name) => shownValue(figure, values(name), values('direct'));
  const judged = judgedValue(figure, values);
  const range = figure.kind === 'ratio' ? ratioRange(values('product'), values(figure.against)) : null;
  const spoiled = (byContestant.product ?? []).some((sample) => sample.bad > 0);
  return {
    ...figure,
    product: shown('product'),
    bare: shown('bare'),
    nginx: shown('nginx'),
    judged,
    range,
    word: word(figure, judged, spoiled),
  };
}

function shownValue(figure, own, direct) {
  if (own.length === 0) return null;
  if (figure.kind === 'count') return own.reduce((sum, value) => sum + value, 0);
  return figure.kind === 'added' ? pairedDifference(own, direct) : median(own);
}

function judgedValue(figure, values) {
  if (figure.kind === 'ratio') return pairedRatio(values('product'), values(figure.against));
  if (figure.kind === 'more') return pairedDifference(values('product'), values(figure.against));
  return shownValue(figure, values('product'), values('direct'));
}

function word(figure, judged, spoiled) {
  if (figure.atLeast === undefined && figure.atMost === undefined) return '';
  if (judged === null || Number.isNaN(judged)) return '—';
  const reached = figure.atLeast === undefined ? judged <= figure.atMost : judged >= figure.atLeast;
  return reached && !spoiled ? 'ok' : 'MISSED';
}
