import { describe, expect, it } from '@jest/globals';
import type { Fields } from '../../../../kernel/fields.js';
import { KeyRing } from '../../../../platform/secrets/key-ring.js';
import type { PublishedEndpoint } from '../../../agents/published-endpoint.js';
import { ContentSeals } from '../../call/content-seals.js';
import { ProviderNames } from './provider-names.js';

const seals = new ContentSeals(new KeyRing([`k1:${Buffer.alloc(32, 1).toString('base64')}`]));

/** The names of a key at an endpoint that leads to a model. */
function names({ key = 'key_1', endpoint = 'ep_1', model = 'm' } = {}): ProviderNames {
  const target = { connection: { id: 'con_1' }, model };
  return new ProviderNames(
    seals.of('ten_1', { endpoint: { id: endpoint } as PublishedEndpoint, target: target as never }, {}),
    key,
  );
}

const ran: Fields = { type: 'code_interpreter_call', id: 'ci_1', code: 'x', container_id: 'cntr_1', outputs: [] };
const environment = { type: 'container_reference', container_id: 'cntr_2' };
const shelled: Fields = { type: 'shell_call', id: 'sh_1', call_id: 'c', action: {}, environment };
const printed: Fields = { type: 'shell_call_output', id: 'sho_1', call_id: 'c', output: [] };
const said: Fields = { type: 'message', role: 'user', content: 'container_id' };
const url = { type: 'url_citation', url: 'https://a.example' };
const made = { type: 'container_file_citation', container_id: 'cntr_1', file_id: 'cfile_1', filename: 'a.png' };
const path = { type: 'file_path', file_id: 'assistant-1', index: 0 };
const text = (...annotations: readonly object[]) => ({ type: 'output_text', text: 'See.', annotations });
const citing = (...annotations: readonly object[]): Fields => ({
  type: 'message',
  role: 'assistant',
  content: [{ type: 'refusal', refusal: 'No.' }, text(...annotations)],
});
const cited = citing(url, made, path);
const reported: Fields = { type: 'multi_agent_call_output', call_id: 'd', output: [text(made)] };
const searched: Fields = { type: 'file_search_call', queries: [], results: [{ file_id: 'file-1', text: 'x' }] };
const all = [ran, shelled, printed, said, cited, reported, searched];
const given = names();
const shown = all.map((item) => given.shown(item));

describe('containers and files of a provider', () => {
  it('have names that say nothing, the same each time within an answer', () => {
    expect(JSON.stringify(shown)).not.toMatch(/cntr_[12]"|file_1"|file-1"|assistant-1/);
    expect(given.shown(ran)).toEqual(shown[0]);
    expect(shown.slice(2, 4)).toEqual([printed, said]);
  });

  it('have one name wherever they are named, also in a piece of an item and once they are shown', () => {
    const [container] = [shown[0]?.['container_id']];
    const message = shown[4] as { content: { annotations: Fields[] }[] };
    const [first, second] = message.content[1]?.annotations.slice(0, 2) ?? [];
    expect([first, second?.['container_id']]).toEqual([url, container]);
    expect(given.shown(made, 'annotation')).toEqual(second);
    expect(given.shown(text(url, made, path), 'part')).toEqual(message.content[1]);
    expect(shown.map((item) => given.shown(item))).toEqual(shown);
  });

  it('stand under a prefix that tells nothing of the provider', () => {
    expect(JSON.stringify(shown).match(/"[a-z_-]+gt1\./g)).toEqual([
      '"cntr_gt1.',
      '"cntr_gt1.',
      '"cntr_gt1.',
      '"cfile_gt1.',
      '"file-gt1.',
      '"cntr_gt1.',
      '"cfile_gt1.',
      '"file-gt1.',
    ]);
  });

  it('go to the provider under its own names', () => {
    expect(() => names().refuseForeign(shown)).not.toThrow();
    expect(names().opened(shown)).toEqual({ items: all, leftOut: [] });
  });

  it('are left out with their outputs once the endpoint leads to another model', () => {
    const later = names({ model: 'n' });
    expect(() => later.refuseForeign(shown)).not.toThrow();
    expect(later.opened(shown)).toEqual({
      items: [said, citing(url), { ...reported, output: [text()] }],
      leftOut: ['code_interpreter_call', 'shell_call', 'file_search_call', 'container_file_citation', 'file_path'],
    });
  });

  it.each<[string, ProviderNames, readonly Fields[]]>([
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
    const message = items[4] ?? {};
    expect(() => asked.refuseForeign([message])).toThrow(
      expect.objectContaining({ code: 'not_found', param: 'input[0].content[1].annotations[1].container_id' }),
    );
    expect(asked.opened([message]).items).toEqual([citing(url)]);
  });

  it('are left out with the reasoning that led to their calls, and with no other', () => {
    const [own, shell] = shown as [Fields, Fields];
    const thought = (id: string): Fields => ({ type: 'reasoning', id, summary: [], encrypted_content: id });
    const f = { type: 'function_call', call_id: 'f', name: 'f', arguments: '{}' };
    const items = [
      ...[thought('1'), own, thought('2'), thought('3'), shell, printed, thought('4'), said],
      ...[thought('5'), f, own, thought('6'), own, thought('7'), cited],
    ];
    const { items: kept, leftOut } = names({ model: 'n' }).opened(items);
    expect(kept).toEqual([thought('4'), said, thought('5'), f, thought('7'), citing(url)]);
    expect(leftOut).toEqual(['code_interpreter_call', 'shell_call', 'reasoning', 'container_file_citation', 'file_path']);
    expect(
      names()
        .opened(items)
        .items.filter(({ type }) => type === 'reasoning'),
    ).toHaveLength(7);
  });

  it('name no item in a header whose type is no plain name', () => {
    expect(names().opened([{ type: 'a\r\nb', container_id: 'x' }]).leftOut).toEqual(['item']);
    expect(names().opened([citing({ type: 'made_up', file_id: 'x' })]).leftOut).toEqual(['annotation']);
  });

  it('are left out whatever their number: each is looked at once', () => {
    let looks = 0;
    const calls = Array.from({ length: 2_000 }, (_none, at) => ({
      type: 'shell_call',
      container_id: 'x',
      get call_id() {
        looks += 1;
        return `c${at}`;
      },
    }));
    expect(names({ model: 'n' }).opened(calls)).toEqual({ items: [], leftOut: ['shell_call'] });
    expect(looks).toBeLessThan(10 * calls.length);
  });
});
