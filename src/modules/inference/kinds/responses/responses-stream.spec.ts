import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { escapeAll } from '../../../../../test/support/json-arbitraries.js';
import type { Fields } from '../../../../kernel/fields.js';
import { KeyRing } from '../../../../platform/secrets/key-ring.js';
import type { PublishedEndpoint } from '../../../agents/published-endpoint.js';
import { ContentSeals } from '../../call/content-seals.js';
import { ProviderNames } from './provider-names.js';
import { ResponseSaid } from './response-said.js';
import { ResponsesStream } from './responses-stream.js';

const seals = new ContentSeals(new KeyRing([`k1:${Buffer.alloc(32, 1).toString('base64')}`]));
const frame = {
  model: 'm',
  instructions: null,
  previousResponseId: null,
  conversationId: null,
  store: false,
  showsEncrypted: true,
};

/** What a client gets of events that a provider writes like this. */
function passed(...events: readonly string[]): string[] {
  const target = { connection: { id: 'con_1' }, model: 'm' };
  const endpoint = { id: 'ep_1' } as PublishedEndpoint;
  const said = new ResponseSaid(frame, new ProviderNames(seals.of('ten_1', { endpoint, target: target as never }, {}), 'key_1'));
  const stream = new ResponsesStream(said, { maxEventBytes: 1_000_000 }, undefined);
  const sent = stream.push(Buffer.from(events.map((event) => `data: ${event}\n\n`).join('')));
  expect(stream.failed).toBe(false);
  return String(sent ?? '')
    .split('\n')
    .flatMap((line) => (line.startsWith('data: ') ? [line.slice(6)] : []));
}

const citation = {
  type: 'container_file_citation',
  container_id: 'cntr_1',
  file_id: 'cfile_1',
  filename: 'a.png',
  start_index: 0,
};
const part = (annotations: readonly object[], text = 'See.') => ({ type: 'output_text', text, annotations, logprobs: [] });
const event = (type: string, member: Fields, at = 0) => ({ type: `response.${type}`, sequence_number: at, ...member });

describe('pieces of an item in a stream', () => {
  it('name containers and files as the whole item does', () => {
    const item = { id: 'msg_1', type: 'message', role: 'assistant', content: [part([citation])] };
    const events = [
      event('content_part.added', { part: part([citation], '') }),
      event('output_text.annotation.added', { annotation: citation }, 1),
      event('content_part.done', { part: part([citation]) }, 2),
      event('output_item.done', { output_index: 0, item }, 3),
    ];
    const shown = passed(...events.map((one) => JSON.stringify(one)));
    const text = shown.join('\n');
    expect(text).not.toMatch(/cntr_1"|cfile_1"/);
    for (const names of [/cntr_gt1[\w.-]+/g, /cfile_gt1[\w.-]+/g]) {
      expect(text.match(names)).toHaveLength(4);
      expect(new Set(text.match(names)).size).toBe(1);
    }
    expect(JSON.parse(shown[1] ?? '')).toMatchObject({ annotation: { filename: 'a.png', start_index: 0 } });
  });

  it('do so however the provider writes the names', () => {
    const written = JSON.stringify(event('content_part.done', { part: part([citation]) }))
      .replace('"container_id"', `"${escapeAll('container_id')}"`)
      .replace('"file_id"', `"${escapeAll('file_id')}"`);
    expect(passed(written).join('')).not.toMatch(/cntr_1"|cfile_1"/);
  });

  it('pass byte for byte where they name none', () => {
    const types = fc.constantFrom('content_part.added', 'content_part.done', 'output_text.annotation.added', 'other');
    const text = fc.oneof(fc.string(), fc.constantFrom('"container_id":"cntr_1"', 'a file_id of cntr_1'));
    fc.assert(
      fc.property(types, text, fc.constantFrom('1.0', '1e3', '12345678901234567890'), (type, said, number) => {
        const quoted = JSON.stringify(said);
        const piece = `{"n":${number} ,"text":${quoted},"annotations":[{"type":"url_citation","title":${quoted}}]}`;
        const written = `{"type":"response.${type}","sequence_number":0,"part": ${piece},"annotation":${piece}}`;
        expect(passed(written)).toEqual([written]);
      }),
    );
  });
});
