import { Command } from 'commander';
import { describe, expect, it } from '@jest/globals';
import { createAgentRequest } from '../contracts/agents.js';
import { createConnectionRequest } from '../contracts/connections.js';
import { createKeyRequest } from '../contracts/keys.js';
import { listEndpointsQuery } from '../contracts/endpoints.js';
import { createTenantRequest } from '../contracts/tenants.js';
import { createWebhookRequest } from '../contracts/webhooks.js';
import { addFieldOptions, checkFields, givenFields } from './field-options.js';

function parse(schema: Parameters<typeof givenFields>[0], argv: readonly string[], text = false): Record<string, unknown> {
  const command = addFieldOptions(new Command('x').exitOverride().configureOutput({ writeErr: () => undefined }), schema).action(
    () => undefined,
  );
  command.parse([...argv], { from: 'user' });
  return givenFields(schema, command.opts(), text);
}

describe('options made from a schema', () => {
  it('take texts, lists, numbers, objects and null in the form of each field', () => {
    const argv = [
      '--name',
      '007',
      '--preset',
      'small',
      '--agents',
      'a, b',
      '--agents',
      'c',
      '--raw-models',
      '*',
      '--limits',
      '{requests_per_minute: 5}',
    ];
    expect(parse(createKeyRequest, [...argv, '--expires-at', '4070908800', '--prompt-policy', 'null'])).toEqual({
      name: '007',
      preset: 'small',
      agents: ['a', 'b', 'c'],
      raw_models: ['*'],
      limits: { requests_per_minute: 5 },
      expires_at: 4_070_908_800,
      prompt_policy: null,
    });
  });

  it('take an empty list, switches with and without a value, and lists behind a transformation', () => {
    expect(parse(createKeyRequest, ['--agents', ''])).toEqual({ agents: [] });
    expect(parse(createTenantRequest, ['--api-enabled', 'false', '--hosts', 'a.example'])).toEqual({
      api_enabled: false,
      hosts: ['a.example'],
    });
    expect(parse(createTenantRequest, ['--api-enabled'])).toEqual({ api_enabled: true });
    expect(() => parse(createTenantRequest, ['--api-enabled', 'perhaps'])).toThrow('--api-enabled takes true or false.');
  });

  it('are those of what is given where a schema makes something else of it', () => {
    const argv = ['--provider', 'groq', '--auth', '{mode: none}'];
    expect(parse(createConnectionRequest, argv)).toEqual({ provider: 'groq', auth: { mode: 'none' } });
    expect(() => checkFields(createConnectionRequest, { provider: 'azure' })).toThrow(
      /^--base-url must be given for Azure OpenAI/,
    );
  });

  it('say what a field means and then the forms that it takes', () => {
    const help = new Map(
      addFieldOptions(new Command('x'), createKeyRequest).options.map(({ long, description }) => [long, description]),
    );
    expect(help.get('--purpose')).toMatch(/^What the key is for.*\. One of inference, upload, conversation\.$/);
    expect(help.get('--expires-at')).toMatch(/^When the key ends: Unix seconds, a date in UTC like 2027-01-01, .*null: never\.$/);
  });

  it('say of a switch what it means alone, and nothing that reads as its default', () => {
    const help = addFieldOptions(new Command('x'), createAgentRequest).helpInformation();
    expect(help).toMatch(/--fetch-addresses \[true\|false\] [^-]*The flag\s+alone:\s+true\./);
    expect(help).not.toMatch(/preset|default: true/);
    expect(parse(createAgentRequest, ['--fetch-addresses'])).toEqual({ fetch_addresses: true });
  });

  it.each([
    [
      '{"guardrails":[{"module":"pii",\n  "pattern":"\\d+"}]}',
      [
        String.raw`--prompt-policy, line 2, column 14: Invalid escape sequence \d.`,
        String.raw`Within double quotes a backslash is doubled, as in "\\d+".`,
      ],
    ],
    [
      '{guardrails',
      [
        '--prompt-policy, line 1, column 12: Flow map must end with a }.',
        "It takes a number, or an object in YAML or JSON like '{name: value}'.",
      ],
    ],
    [
      '{guardrails: *terms}',
      [
        '--prompt-policy: Unresolved alias (the anchor must be set before the alias): terms.',
        "It takes a number, or an object in YAML or JSON like '{name: value}'.",
      ],
    ],
  ])('say why %j is no YAML, and where', (value, lines) => {
    expect(() => parse(createKeyRequest, ['--prompt-policy', value])).toThrow(expect.objectContaining({ lines }));
  });

  it('keep text for a query', () => {
    expect(parse(listEndpointsQuery, ['--limit', '5', '--default', 'true'], true)).toEqual({ limit: '5', default: 'true' });
  });

  it('never offer the tenant, which is named by a flag of all commands', () => {
    expect(() => parse(createKeyRequest, ['--tenant', 'acme'])).toThrow('unknown option');
  });

  it('give a field that is named like a flag of all commands another flag, in its faults too', () => {
    expect(parse(createWebhookRequest, ['--target-url', 'https://a.example'])).toEqual({ url: 'https://a.example' });
    expect(() => parse(createWebhookRequest, ['--url', 'https://a.example'])).toThrow('unknown option');
    expect(() => checkFields(createWebhookRequest, { events: ['file.ready'] })).toThrow(/^--target-url is missing\.$/m);
  });

  it('name the flag of each fault', () => {
    const body = { scopes: ['nope'], limits: { requests: 1 } };
    const faults = [
      /^--name is missing\.$/m,
      /^--scopes\[0\] must be one of inference:chat, /m,
      /^--limits\.requests is not known here\.$/m,
    ];
    for (const fault of faults) expect(() => checkFields(createKeyRequest, body)).toThrow(fault);
  });
});
