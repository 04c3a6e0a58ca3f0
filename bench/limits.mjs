import { addBudgetedTenant, addLimitedTenant, addPricedTenant, startProduct } from './product.mjs';
import { watchForeignLoad } from './foreign-load.mjs';
import { makeGenerator } from './load.mjs';
import { runPhase } from './measure.mjs';
import { phases } from './phases.mjs';
import { makeWorkFolder } from './processes.mjs';
import { startUpstream } from './upstream.mjs';
import { variant, variantReport } from './variants.mjs';

const measured = ['json', 'streams'];

/**
 * What limits and budgets cost a relayed call: a key without any beside a key with limits of requests, tokens and parallel requests,
 * one with a price and a budget too, a tenant where the endpoints, the tenant and its ceiling have all three limits as well, and one
 * with prices and budgets of the key, the endpoint and the tenant besides. All in one process: two processes differ by more.
 * @returns `text`, the table, and `data`, the same with every single sample.
 */
export async function limits({ options, tell }) {
  const work = makeWorkFolder();
  const upstream = await startUpstream({ work, port: 0 });
  const generator = await makeGenerator({ work, upstream });
  const upstreamUrl = `${upstream.origin}${upstream.prefix}`;
  tell('limits: starting the product');
  const product = await startProduct({ upstreamUrl, work, name: 'limits' });
  const { secret } = await product.create('/keys', { name: 'free', preset: 'chat-plus-embeddings', raw_models: ['*'] });
  const everywhere = await addLimitedTenant(product, upstreamUrl);
  const priced = await addPricedTenant(product, upstreamUrl);
  const budgeted = await addBudgetedTenant(product, upstreamUrl);
  const contestants = [
    variant('off', product, secret),
    variant('three, on a key', product),
    variant('three and a budget, on a key', product, priced),
    variant('twelve, everywhere', product, everywhere),
    variant('twelve, and three budgets', product, budgeted),
  ];
  const watch = watchForeignLoad(contestants);
  const samples = {};
  for (const phase of phases.filter(({ id }) => measured.includes(id)))
    samples[phase.id] = await runPhase({ phase, contestants, direct: null, generator, options, tell });
  return variantReport(samples, { options, foreignLoad: watch(), what: 'limits', note: '' });
}
