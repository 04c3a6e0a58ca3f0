import { upstreamModels } from '../upstream.mjs';

/** The upstream without a relay in front: what the time added by a relay is counted from. */
export function direct({ upstream }) {
  return {
    name: 'direct',
    port: upstream.port,
    prefix: upstream.prefix,
    key: null,
    models: upstreamModels,
    relayPids: [],
    otherPids: [],
  };
}
