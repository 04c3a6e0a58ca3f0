import { describe, expect, it } from '@jest/globals';
import { askedOf } from '../../../../../test/support/gemini-request.js';
import type { Fields } from '../../../../kernel/fields.js';

describe('tools', () => {
  const f = (members: Fields = {}) => ({
    type: 'function',
    function: { name: 'f', parameters: { type: 'object', properties: { a: {} } }, ...members },
  });
  const custom = { type: 'custom', custom: { name: 'shout', description: 'Shouts.' } };

  it('are declared with their JSON schema as it is, without what JSON schema says of itself', () => {
    const parameters = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: { const: { const: 'x' }, b: { anyOf: [{ $ref: '#/$defs/c' }, { type: 'null' }] } },
      $defs: { c: { type: 'array', items: { const: 1 } } },
      additionalProperties: false,
    };
    const { body } = askedOf({ tools: [f({ parameters, description: 'Does f.' }), f({ name: 'g', parameters: {} }), custom] });
    expect(body['tools']).toEqual([
      {
        functionDeclarations: [
          {
            name: 'f',
            description: 'Does f.',
            parametersJsonSchema: {
              type: 'object',
              properties: { const: { enum: ['x'] }, b: { anyOf: [{ $ref: '#/$defs/c' }, { type: 'null' }] } },
              $defs: { c: { type: 'array', items: { enum: [1] } } },
              additionalProperties: false,
            },
          },
          { name: 'g' },
          {
            name: 'shout',
            description: 'Shouts.',
            parametersJsonSchema: {
              type: 'object',
              properties: { input: { type: 'string' } },
              required: ['input'],
              additionalProperties: false,
            },
          },
        ],
      },
    ]);
  });

  it.each([
    [{}, { mode: 'AUTO' }],
    [{ tool_choice: 'auto' }, { mode: 'AUTO' }],
    [{ tool_choice: 'none' }, { mode: 'NONE' }],
    [{ tool_choice: 'required' }, { mode: 'ANY' }],
    [{ tool_choice: { type: 'function', function: { name: 'f' } } }, { mode: 'ANY', allowedFunctionNames: ['f'] }],
    [{ tools: [f({ strict: true })] }, { mode: 'VALIDATED' }],
    [{ tools: [f({ strict: true })], model: 'gemini-2.0-flash' }, { mode: 'AUTO' }],
  ])('with %j are called by %j', (members, functionCallingConfig) =>
    expect(askedOf({ tools: [f(), custom], ...members }).body['toolConfig']).toEqual({ functionCallingConfig }),
  );

  it('that are not allowed are not declared, and no tools need no config', () => {
    const allowed = {
      type: 'allowed_tools',
      allowed_tools: { mode: 'required', tools: [{ type: 'custom', custom: { name: 'shout' } }] },
    };
    expect(askedOf({ tools: [f(), custom], tool_choice: allowed }).body).toMatchObject({
      tools: [{ functionDeclarations: [{ name: 'shout' }] }],
      toolConfig: { functionCallingConfig: { mode: 'ANY' } },
    });
    expect(Object.keys(askedOf({ tools: [], tool_choice: 'none' }).body)).toEqual(['contents']);
  });
});
