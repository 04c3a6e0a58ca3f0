import type { ProviderObject } from '../../contracts/known-providers.js';
import { providerOf, type ProviderId } from '../../contracts/providers.js';
import { tokenPlace } from '../../contracts/wires.js';

/** A provider that a new connection can name. */
export function presentProvider(id: ProviderId): ProviderObject {
  const { title, address, wire, signsIn, paths = {}, remark } = providerOf(id);
  return {
    object: 'provider',
    id,
    title,
    base_url: 'url' in address ? address.url : null,
    base_url_example: 'like' in address ? address.like : null,
    wire,
    auth: signsIn === 'none' ? { mode: signsIn } : { mode: signsIn, ...tokenPlace(wire, {}) },
    paths,
    remark,
  };
}
