import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Resolve } from './egress-policy.js';

/**
 * Looks names up for addresses that clients choose: at the name service alone, never in the machine's own list of hosts or
 * search domains, and without the process's threads, which slow name servers could hold for as long as they like.
 */
export function publicNames(limits: { readonly timeout: number; readonly tries: number }): Resolve {
  const resolver = new Resolver(limits);
  return async (hostname) => {
    const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
    const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    if (found.length === 0) throw new Error('The name has no address.');
    return found.map((address) => ({ address, family: isIP(address) }));
  };
}
