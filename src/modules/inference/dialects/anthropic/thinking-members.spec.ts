import { describe, expect, it } from '@jest/globals';
import { asked, call, hello, leftOut, result, taken, thought, tools } from '../../../../../test/support/anthropic-request.js';
import { faultOf } from '../../../../../test/support/anthropic-rules.js';
import type { Fields } from '../../../../kernel/fields.js';
import { anthropic } from './anthropic.js';

describe('thoughts in a request', () => {
  it('gives thoughts back, from the message or from what is kept for its calls', () => {
    const messages = [
      ...hello,
      { role: 'assistant', content: 'One.', thinking_blocks: [{ index: 0, ...thought('hm') }], reasoning_content: 'hm' },
      ...hello,
      { role: 'assistant', tool_calls: [call('a'), call('b')], reasoning_content: 'lost' },
      result('a'),
      result('b'),
    ];
    const kept = (id: string) => (id === 'b' ? { thinking_blocks: [{ type: 'redacted_thinking', data: 'x' }] } : undefined);
    expect(taken({ messages, tools }, { kept })['messages']).toMatchObject([
      {},
      { content: [thought('hm'), { type: 'text', text: 'One.' }] },
      {},
      { content: [{ type: 'redacted_thinking', data: 'x' }, { type: 'tool_use' }, { type: 'tool_use' }] },
      {},
    ]);
  });

  it('leaves out thoughts that are not signed, and those that nothing follows', () => {
    const messages = [
      ...hello,
      { role: 'assistant', content: 'One.', thinking_blocks: [{ type: 'thinking', thinking: 'hm' }] },
      ...hello,
      { role: 'assistant', content: '', thinking_blocks: [thought('hm')] },
      ...hello,
    ];
    expect(JSON.stringify(taken({ messages })['messages'])).not.toContain('hm');
  });

  it.each([
    ['claude-sonnet-4-6', 'minimal', { thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort: 'low' } }],
    ['claude-sonnet-4-6', 'xhigh', { output_config: { effort: 'max' } }],
    ['claude-opus-4-8', 'xhigh', { thinking: { type: 'adaptive' }, output_config: { effort: 'xhigh' } }],
    ['claude-sonnet-4-5', 'low', { thinking: { type: 'enabled', budget_tokens: 2048 } }],
    ['claude-sonnet-4-5', 'max', { thinking: { type: 'enabled', budget_tokens: 12_288 } }],
    ['claude-sonnet-5', 'none', { thinking: { type: 'disabled' } }],
    ['claude-sonnet-5-5', 'none', { thinking: { type: 'between_tools' } }],
    ['claude-fable-5', 'none', { output_config: { effort: 'low' } }],
  ])('has %s think as much as %s', (model, effort, said) => {
    const request = anthropic.request({ model, messages: hello, reasoning_effort: effort }, asked());
    expect(faultOf(request.body)).toBeUndefined();
    expect(request).toMatchObject({ body: said, leftOut: [] });
  });

  it('leaves an effort out where the model cannot think', () => {
    const messages = [...hello, { role: 'assistant', tool_calls: [call('a')] }, result('a')];
    const chats: Fields[] = [
      { model: 'claude-3-5-haiku-latest' },
      { model: 'claude-sonnet-4-5', max_tokens: 1024 },
      { model: 'claude-sonnet-4-5', tools, tool_choice: 'required' },
      { model: 'claude-sonnet-4-5', tools, messages },
    ];
    for (const chat of chats) {
      expect(taken({ ...chat, reasoning_effort: 'high' })['thinking']).toBeUndefined();
      expect(leftOut({ ...chat, reasoning_effort: 'high' })).toEqual(['reasoning_effort']);
    }
    const forced = { tools, tool_choice: 'required', reasoning_effort: 'high' };
    expect(taken(forced)).not.toHaveProperty('thinking');
    expect(taken(forced)['output_config']).toEqual({ effort: 'high' });
  });
});
