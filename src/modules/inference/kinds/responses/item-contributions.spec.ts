import { describe, expect, it } from '@jest/globals';
import type { Fields } from '../../../../kernel/fields.js';
import { itemTypes } from '../../../conversations/item-types.js';
import { contributionOfItem } from './item-contributions.js';

const none = new Map<string, never>();
const by = (item: Fields): string => contributionOfItem(item, none).by;

describe('what an item contributes to its conversation', () => {
  it.each([
    [{ role: 'user', content: 'Hi' }, 'caller'],
    [{ type: null, role: 'assistant', content: 'Hi' }, 'model'],
    [{ type: 'message', role: 'system', content: 'Hi' }, 'instructions'],
    [{ type: 'message', role: 'developer', content: 'Hi' }, 'instructions'],
    [{ type: 'tool_search_output', execution: 'server', tools: [] }, 'model'],
    [{ type: 'tool_search_output', execution: 'client', tools: [] }, 'caller'],
  ])('%j is said by %s', (item, expected) => expect(by(item)).toBe(expected));

  it('is what the model says of every type but those that a client makes', () => {
    const clients = Object.keys(itemTypes).filter((type) => by({ type, call_id: 'c' }) === 'caller');
    expect(clients.filter((type) => !type.endsWith('_output')).sort()).toEqual(['additional_tools', 'mcp_approval_response']);
    for (const type of clients.filter((one) => one.endsWith('_output')))
      expect(contributionOfItem({ type, call_id: 'c' }, none).resultOf).toBe('c');
    expect(contributionOfItem({ type: 'shell_call', call_id: 'c' }, none).calls).toEqual(['c']);
  });

  it('is what the item says that it refers to; one that is not known is the model’s', () => {
    const kept = { id: 'msg_1', json: JSON.stringify({ id: 'msg_1', type: 'message', role: 'user', content: 'Hi' }) };
    const reference = { type: 'item_reference', id: 'msg_1' };
    expect(contributionOfItem(reference, new Map([['msg_1', kept]]))).toEqual({ by: 'caller', id: 'msg_1' });
    expect(contributionOfItem(reference, none)).toEqual({ by: 'model', id: 'msg_1' });
  });
});
