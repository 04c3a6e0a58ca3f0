import { describe, expect, it } from '@jest/globals';
import { readExact } from '../../wire/exact-json.js';
import { readBody } from '../../wire/json-body.js';
import { storedRequest } from './stored-request.js';

function read(json: string) {
  const body = readBody(Buffer.from(json));
  const { messages } = JSON.parse(json) as { messages: unknown[] };
  const member = body.scan.members.find(({ key }) => key === 'messages');
  const exact = readExact(body.bytes.subarray(member?.valueStart, member?.valueEnd), messages);
  return storedRequest(body, exact as unknown[], 'req_1');
}

describe('what is stored of a request', () => {
  it('shows messages in the form of OpenAI, numbers as they were written', () => {
    const { messages } = read(
      '{"messages":[{"id":"x","role":"user","content":"hi","name":"n","weight":1.0},{"role":"user","content":[{"type":"text","text":"a"}]},{"role":"assistant","tool_calls":[{"id":"c"}]}]}',
    );
    expect(messages).toEqual([
      '{"role":"user","content":"hi","name":"n","refusal":null,"weight":1.0,"content_parts":null}',
      '{"role":"user","content":null,"name":null,"refusal":null,"content_parts":[{"type":"text","text":"a"}]}',
      '{"role":"assistant","content":null,"name":null,"refusal":null,"tool_calls":[{"id":"c"}],"content_parts":null}',
    ]);
  });

  it('keeps the parameters that OpenAI shows, and of a tool with an address no more than its type', () => {
    const { parameters, metadata } = read(
      '{"messages":[],"user":"u","seed":4944116822809979520,"temperature":0.50,"tools":[{"type":"function","function":{"name":"f"}},{"type":"mcp","server_url":"https://x","headers":{"authorization":"s"}}],"metadata":{"k":"v"}}',
    );
    expect(parameters).toBe(
      '{"request_id":"req_1","input_user":"u","tools":[{"type":"function","function":{"name":"f"}},{"type":"mcp"}],"tool_choice":null,"response_format":null,"seed":4944116822809979520,"temperature":0.50,"top_p":null,"presence_penalty":null,"frequency_penalty":null}',
    );
    expect(metadata).toEqual({ k: 'v' });
  });

  it.each([
    ['{"messages":[],"metadata":7}', 'metadata'],
    ['{"messages":[],"metadata":{"a":1}}', 'metadata.a'],
    [JSON.stringify({ messages: [], metadata: { [`k${'x'.repeat(64)}`]: 'v' } }), `metadata.k${'x'.repeat(64)}`],
    [JSON.stringify({ messages: [], metadata: { a: 'x'.repeat(513) } }), 'metadata.a'],
    [JSON.stringify({ messages: [], metadata: Object.fromEntries([...Array(17).keys()].map((n) => [n, ''])) }), 'metadata'],
  ])('refuses metadata that is none', (json, param) => {
    expect(() => read(json)).toThrow(expect.objectContaining({ code: 'invalid_value', param }));
  });

  it('refuses what is too long, or has too many values', () => {
    const long = JSON.stringify({ messages: [{ role: 'user', content: 'x'.repeat(16 * 1024 * 1024) }] });
    expect(() => read(long)).toThrow(expect.objectContaining({ code: 'payload_too_large', param: 'store' }));
    const many = JSON.stringify({ messages: [], tools: Array.from({ length: 40_000 }, () => 1) });
    expect(() => read(many)).toThrow(expect.objectContaining({ code: 'invalid_value', param: 'tools' }));
  });
});
