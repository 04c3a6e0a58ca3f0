import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { agentSpec } from '../../../contracts/agent-spec.js';
import { parameterEdits } from './parameter-edits.js';
import { readBody } from '../wire/json-body.js';
import { spliceBody } from '../wire/json-edit.js';

const names = ['max_tokens', 'max_completion_tokens', 'temperature', 'top_p'];
const twins: Readonly<Record<string, string>> = { max_tokens: 'max_completion_tokens', max_completion_tokens: 'max_tokens' };
const value = fc.constantFrom(1, 2, 3);
const said = fc.dictionary(fc.constantFrom(...names), fc.option(value), { noNullPrototype: true });
const own = fc.dictionary(fc.constantFrom('max_tokens', 'temperature'), value, { noNullPrototype: true });

function sent(parameters: Record<string, unknown>, pinned: readonly string[], request: object): Record<string, unknown> {
  const body = readBody(Buffer.from(JSON.stringify({ model: 'a', ...request })));
  const agent = agentSpec.parse({ models: { chat: { connection: 'c', model: 'm' } }, parameters, pinned });
  return JSON.parse(spliceBody(body.bytes, body.scan, parameterEdits(agent, body.scan)).toString()) as Record<string, unknown>;
}

describe('the parameters of an agent', () => {
  it('are the same whether the request leaves one out or says null', () => {
    fc.assert(
      fc.property(own, fc.subarray(names), said, (parameters, pinned, request) => {
        const without = Object.fromEntries(Object.entries(request).filter(([, member]) => member !== null));
        const told = (body: Record<string, unknown>) =>
          Object.fromEntries(Object.entries(body).filter(([, member]) => member !== null));
        expect(told(sent(parameters, pinned, request))).toEqual(told(sent(parameters, pinned, without)));
      }),
    );
  });

  it('never stand beside the other name of the same thing', () => {
    fc.assert(
      fc.property(own, fc.subarray(names), said, (parameters, pinned, request) => {
        const body = sent(parameters, pinned, request);
        for (const name of Object.keys(parameters)) {
          const twin = twins[name];
          if (twin !== undefined && !(name in request && twin in request)) expect(name in body && twin in body).toBe(false);
        }
      }),
    );
  });
});
