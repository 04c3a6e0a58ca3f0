import { describe, expect, it } from '@jest/globals';
import { KeyRing } from '../../../../platform/secrets/key-ring.js';
import type { PublishedEndpoint } from '../../../agents/published-endpoint.js';
import type { Answer } from '../../call/answer.js';
import { ContentSeals } from '../../call/content-seals.js';
import { ProviderNames } from '../responses/provider-names.js';
import { ProviderCompaction } from './provider-compaction.js';

const seals = new ContentSeals(new KeyRing([`k1:${Buffer.alloc(32, 1).toString('base64')}`]));
const target = { connection: { id: 'con_1' }, model: 'm' } as never;
const names = new ProviderNames(seals.of('ten_1', { endpoint: { id: 'ep_1' } as PublishedEndpoint, target }, {}), 'key_1');

describe('the compaction of a provider', () => {
  it('gives what was said back under the names that its client knows', () => {
    const citation = { type: 'container_file_citation', container_id: 'cntr_1', file_id: 'cfile_1' };
    const content = [{ type: 'output_text', text: 'See.', annotations: [citation] }];
    const output = [
      { id: 'msg_1', type: 'message', role: 'assistant', content },
      { id: 'cmp_1', type: 'compaction', encrypted_content: 'opaque' },
    ];
    const reply = new ProviderCompaction({} as Answer, names).reply(Buffer.from(JSON.stringify({ output })));
    const shown = (JSON.parse(String(reply.bytes)) as { output: object[] }).output;
    expect(JSON.stringify(shown)).not.toMatch(/cntr_1"|cfile_1"/);
    expect(names.opened(shown as never).items).toMatchObject([{ content }, { encrypted_content: 'opaque' }]);
  });
});
