import { cores, startProcess } from './processes.mjs';
import { compile } from './c-program.mjs';
import { loadWithAutocannon } from './load-autocannon.mjs';
import { requestParts, writeRequests } from './requests.mjs';

/**
 * Gives the load generator: `run({contestant, phase, scenario, seconds})` asks the contestant for that long and resolves to
 * counts, the rate and latencies. It is bench/load.c, or autocannon where no C compiler is; `exact` tells which, since
 * autocannon knows latencies to the millisecond only, shares its core with the benchmark and does not look into streams.
 */
export async function makeGenerator({ work, upstream }) {
  const program = await compile('load', work);
  if (program === null) {
    return {
      kind: 'autocannon (no C compiler: latencies to 1 ms only, streams unchecked)',
      exact: false,
      run: ({ contestant, phase, scenario, seconds }) =>
        loadWithAutocannon({ contestant, phase, seconds, request: requestParts(contestant, scenario, upstream.prompts) }),
    };
  }
  return { kind: 'bench/load.c', exact: true, run: (order) => runProgram(program, order, upstream, work) };
}

async function runProgram(program, { contestant, phase, scenario, seconds }, upstream, work) {
  const file = writeRequests(contestant, scenario, upstream.prompts, work);
  const args = ['--port', contestant.port, '--requests', file, '--connections', phase.connections, '--seconds', seconds];
  if (phase.staggerMs) args.push('--stagger-ms', phase.staggerMs);
  if (phase.streamEvents && upstream.checksStreams) args.push('--stream', phase.streamEvents);
  const { child, exited } = startProcess(program, args.map(String), { core: cores?.load, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].on('data', (bytes) => (output[name] += bytes.toString()));
  const closed = new Promise((resolve) => child.once('close', resolve));
  const { code } = await exited;
  await closed;
  if (code !== 0)
    throw new Error(`${contestant.name}, ${phase.id}: ${output.stderr.trim() || `the load generator ended with ${code}`}`);
  return JSON.parse(output.stdout);
}
