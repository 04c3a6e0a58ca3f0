import { describe, expect, it } from '@jest/globals';
import type { Fields } from '../../../../kernel/fields.js';
import { KeyRing } from '../../../../platform/secrets/key-ring.js';
import type { PublishedEndpoint } from '../../../agents/published-endpoint.js';
import { ContentSeals } from '../../call/content-seals.js';
import { ContainerNames } from './container-names.js';

const seals = new ContentSeals(new KeyRing([`k1:${Buffer.alloc(32, 1).toString('base64')}`]));

/** The names of a key at an endpoint that leads to a model. */
function names({ key = 'key_1', endpoint = 'ep_1', model = 'm' } = {}): ContainerNames {
  const target = { connection: { id: 'con_1' }, model };
  return new ContainerNames(
    seals.of('ten_1', { endpoint: { id: endpoint } as PublishedEndpoint, target: target as never }, {}),
    key,
  );
}

const ran: Fields = { type: 'code_interpreter_call', id: 'ci_1', code: 'x', container_id: 'cntr_1', outputs: [] };
const environment = { type: 'container_reference', container_id: 'cntr_2' };
const shelled: Fields = { type: 'shell_call', id: 'sh_1', call_id: 'c', action: {}, environment };
const printed: Fields = { type: 'shell_call_output', id: 'sho_1', call_id: 'c', output: [] };
const said: Fields = { type: 'message', role: 'user', content: 'container_id' };
const all = [ran, shelled, printed, said];
const given = names();
const shown = all.map((item) => given.shown(item));

describe('containers of calls', () => {
  it('have names that say nothing, the same each time within an answer', () => {
    expect(JSON.stringify(shown)).not.toMatch(/cntr_[12]"/);
    expect(given.shown(ran)).toEqual(shown[0]);
    expect(shown.slice(2)).toEqual([printed, said]);
  });

  it('go to the provider under its own names', () => {
    expect(() => names().refuseForeign(shown)).not.toThrow();
    expect(names().opened(shown)).toEqual({ items: all, leftOut: [] });
  });

  it('are left out with their outputs once the endpoint leads to another model', () => {
    const later = names({ model: 'n' });
    expect(() => later.refuseForeign(shown)).not.toThrow();
    expect(later.opened(shown)).toEqual({ items: [said], leftOut: ['code_interpreter_call', 'shell_call'] });
  });

  it.each<[string, ContainerNames, readonly Fields[]]>([
    ['another key', names({ key: 'key_2' }), shown],
    ['another endpoint and model', names({ endpoint: 'ep_2', model: 'n' }), shown],
    ['what the provider has named', names(), all],
  ])('are absent for %s', (_who, asked, items) => {
    const [first, second] = items;
    expect(() => asked.refuseForeign([said, ...items])).toThrow(
      expect.objectContaining({ code: 'not_found', param: 'input[1].container_id' }),
    );
    expect(() => asked.refuseForeign([second ?? {}])).toThrow(
      expect.objectContaining({ code: 'not_found', param: 'input[0].environment.container_id' }),
    );
    expect(asked.opened([first ?? {}, said]).items).toEqual([said]);
  });

  it('name no item in a header whose type is no plain name', () => {
    expect(names().opened([{ type: 'a\r\nb', container_id: 'x' }]).leftOut).toEqual(['item']);
  });
});
