import { cores, pin } from '../processes.mjs';
import { productFromEnv, publishedModels, startProduct } from '../product.mjs';

/** The built product as a contestant: the running one that the environment describes, else one that is started here. */
export async function startProductContestant({ upstream, work }) {
  const product = productFromEnv() ?? (await startProduct({ upstreamUrl: `${upstream.origin}${upstream.prefix}`, work }));
  const url = new URL(product.baseUrl);
  if (!['127.0.0.1', 'localhost'].includes(url.hostname) || url.protocol !== 'http:') {
    throw new Error(`the benchmark loads 127.0.0.1 only, not ${url.origin}`);
  }
  const otherPids = [product.pids.worker, product.pids.postgres].filter((pid) => pid !== undefined);
  pin([product.pids.api], cores?.relay);
  pin(otherPids, cores?.rest);
  return {
    name: 'product',
    port: Number(url.port || 80),
    prefix: url.pathname.replace(/\/$/, ''),
    key: product.key,
    models: publishedModels,
    relayPids: [product.pids.api],
    otherPids,
  };
}
