import { startProduct } from './product.mjs';
import { watchForeignLoad } from './foreign-load.mjs';
import { makeGenerator } from './load.mjs';
import { runPhase } from './measure.mjs';
import { phases } from './phases.mjs';
import { makeWorkFolder } from './processes.mjs';
import { startUpstream } from './upstream.mjs';
import { variant, variantReport } from './variants.mjs';

const measured = ['json', 'streams'];

/**
 * What limits cost a relayed call: a key without any beside a key with limits of requests, tokens and parallel requests, both
 * of one process; and beside a product where the endpoint, the tenant and its ceiling have all three as well.
 * @returns `text`, the table, and `data`, the same with every single sample.
 */
export async function limits({ options, tell }) {
  const work = makeWorkFolder();
  const upstream = await startUpstream({ work, port: 0 });
  const generator = await makeGenerator({ work, upstream });
  const upstreamUrl = `${upstream.origin}${upstream.prefix}`;
  tell('limits: starting the products');
  const one = await startProduct({ upstreamUrl, work, name: 'limits-of-keys' });
  const all = await startProduct({ upstreamUrl, work, name: 'limits-of-all', everywhere: true });
  const { secret } = await one.create('/keys', { name: 'free', preset: 'chat-plus-embeddings', raw_models: ['*'] });
  const contestants = [variant('off', one, secret), variant('three, on a key', one), variant('twelve, everywhere', all)];
  const watch = watchForeignLoad(contestants);
  const samples = {};
  for (const phase of phases.filter(({ id }) => measured.includes(id)))
    samples[phase.id] = await runPhase({ phase, contestants, direct: null, generator, options, tell });
  return variantReport(samples, { options, foreignLoad: watch(), what: 'limits', note: '' });
}
