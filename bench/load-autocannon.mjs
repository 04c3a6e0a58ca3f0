/** The same closed loop by autocannon, for machines without a C compiler. Gives the shape that bench/load.c prints. */
export async function loadWithAutocannon({ contestant, phase, seconds, request }) {
  const { default: autocannon } = await import('autocannon');
  const result = await autocannon({
    url: `http://127.0.0.1:${contestant.port}${request.path}`,
    method: 'POST',
    headers: request.headers,
    body: request.body,
    connections: phase.connections,
    duration: seconds,
  });
  const statuses = Object.fromEntries(Object.entries(result.statusCodeStats ?? {}).map(([status, { count }]) => [status, count]));
  const latency = { p50: result.latency.p50, p90: result.latency.p90, p99: result.latency.p99, max: result.latency.max };
  const requests = result.requests.total;
  return {
    requests,
    failed: result.errors + result.timeouts,
    seconds: result.duration,
    perSecond: requests / result.duration,
    events: 0,
    broken: null,
    reconnects: 0,
    bytes: result.throughput.total,
    statuses,
    latency: Object.fromEntries(Object.entries(latency).map(([name, ms]) => [name, ms * 1_000])),
    first: null,
  };
}
