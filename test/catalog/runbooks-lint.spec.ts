import { describe, expect, it } from '@jest/globals';
import { findRunbook, runbooks } from '../../src/catalog/runbooks/index.js';
import { lintRunbook, lintRunbooks } from '../../src/catalog/runbooks/lint.js';
import type { RunbookRow } from '../../src/catalog/runbooks/runbook-row.js';
import { runbookCategories } from '../../src/contracts/runbook-words.js';
import { referenceRunbooks } from '../support/reference-runbooks.js';

const rulesOf = (row: RunbookRow): string[] => [...new Set(lintRunbook(row).map(({ rule }) => rule))];
const named = (slug: string): RunbookRow => {
  const row = findRunbook(slug);
  if (row === undefined) throw new Error(`There is no runbook ${slug}.`);
  return row;
};
const client = (row: RunbookRow): NonNullable<RunbookRow['client']> => {
  if (row.client === null) throw new Error(`${row.slug} is no client.`);
  return row.client;
};

describe('the runbooks', () => {
  it('are 75 products in all categories, 10 of them no clients', () => {
    expect(runbooks).toHaveLength(75);
    expect(new Set(runbooks.map(({ category }) => category))).toEqual(new Set(runbookCategories));
    expect(runbooks.filter(({ compatibility }) => compatibility === 'no')).toHaveLength(10);
  });

  it('have the products of the earlier system, some under another name', () => {
    for (const { slug } of referenceRunbooks) expect([slug, findRunbook(slug) !== undefined]).toEqual([slug, true]);
    expect(named('cline-roo').slug).toBe('cline');
  });

  it('promise nothing that a key cannot do', () => {
    expect(lintRunbooks(runbooks)).toEqual([]);
  });
});

describe("the earlier system's runbooks", () => {
  const slugsWith = (wanted: string): string[] =>
    referenceRunbooks.filter((row) => lintRunbook(row).some(({ rule }) => rule === wanted)).map(({ slug }) => slug);

  it('have 5 with native routes that their preset does not grant', () => {
    expect(slugsWith('native_not_granted').sort()).toEqual(
      ['openai-sdk-curl', 'generic-openai-http', 'n8n', 'open-webui', 'librechat'].sort(),
    );
  });

  it('have 10 with extensions out of reach', () => {
    expect(slugsWith('extension_out_of_reach').sort()).toEqual(
      [
        ...['openai-sdk-curl', 'generic-openai-http', 'langchain', 'llamaindex', 'litellm'],
        ...['semantic-kernel', 'dify', 'n8n', 'openclaw', 'hermes'],
      ].sort(),
    );
  });

  it('have no faults but those of their presets', () => {
    const rules = new Set(referenceRunbooks.flatMap(rulesOf));
    expect([...rules].sort()).toEqual(['always_not_granted', 'extension_out_of_reach', 'native_not_granted', 'unused_scope']);
  });
});

/** Each row is whole but for one thing. */
const broken: readonly [string, string, RunbookRow][] = [
  ['always_not_granted', 'a preset without what is always called', { ...named('cursor'), preset: 'image-generation' }],
  ['native_not_granted', 'no preset for a native route', { ...named('open-webui'), alternatives: [] }],
  ['extension_out_of_reach', 'no preset for an extension', { ...named('hermes'), alternatives: [] }],
  ['unused_scope', 'a preset with a scope that nothing needs', { ...named('cursor'), preset: 'agentic-ide' }],
  [
    'idle_alternative',
    'another preset for nothing',
    { ...named('cursor'), alternatives: [{ preset: 'image-generation', when: 'Never.' }] },
  ],
  ['verdict', 'a verdict that the route table has not', withVerdict(named('cursor'), 'chat.completions.create', 'gt_extension')],
  ['double_route', 'a route twice', { ...named('cursor'), routes: [...named('cursor').routes, ...named('cursor').routes] }],
  ['compatibility', 'extensions without a route of them', { ...named('cursor'), compatibility: 'ext' }],
  ['compatibility', 'a category of no clients', { ...named('cursor'), category: 'Not a direct client' }],
  ['compatibility', 'no route that is always called', { ...named('cursor'), routes: named('cursor').routes.slice(0, 1) }],
  ['compatibility', 'routes of a product that is no client', { ...named('claude-code'), routes: named('cursor').routes }],
  ['compatibility', 'plain HTTP that streams', { ...named('cursor'), compatibility: 'http' }],
  ['habits', 'streams where none are possible', { ...named('zapier'), streaming: 'supported' }],
  ['habits', 'a list of models that is not asked for', { ...named('aider'), modelList: { use: 'required' } }],
  ['habits', 'tools that are never sent', { ...named('cursor'), client: { ...client(named('cursor')), tools: 'never' } }],
  ['base_url', 'an address without /v1', withBaseUrl(named('cursor'), '{{origin}}/api/tenant')],
  ['base_url', 'an address with /v1 for a product that adds it', withBaseUrl(named('xcode'), '{{origin}}/api/tenant/v1')],
  ['base_url', 'an address without the plane', withBaseUrl(named('cursor'), '{{origin}}/v1')],
  ['base_url', 'a route that is not called', withBaseUrl(named('typingmind'), '{{origin}}/api/tenant/v1/embeddings')],
  [
    'base_url',
    'a way of joining that leads elsewhere',
    { ...named('cursor'), client: { ...client(named('cursor')), joins: 'append_v1' } },
  ],
  ['base_url', 'a slash that resolving needs', { ...named('cursor'), client: { ...client(named('cursor')), joins: 'resolve' } }],
  [
    'base_url',
    'a setting of another form',
    { ...named('cursor'), env: [{ name: 'OPENAI_BASE_URL', value: '{{origin}}/api/tenant' }] },
  ],
  ['contradiction', 'a step to a route that is not supported', { ...named('cursor'), steps: ['Call /v1/embeddings.'] }],
  [
    'contradiction',
    'a variable for what is not supported',
    { ...named('cursor'), env: [{ name: 'EMBEDDING_MODEL', value: 'x' }] },
  ],
  ['contradiction', 'a limit that denies a route', { ...named('open-webui'), notSupported: ['No embeddings.'] }],
  ['contradiction', 'a route that is said to be missing', { ...named('codex-cli'), pitfalls: ['/v1/responses gives 404.'] }],
  ['contradiction', 'a scope that does not exist', { ...named('cursor'), pitfalls: ['It needs inference:responses.'] }],
  ['contradiction', 'a scope that no preset of the row grants', { ...named('cursor'), pitfalls: ['It needs inference:embed.'] }],
  ['placeholder', 'a placeholder that cannot be filled in', { ...named('cursor'), steps: ['Go to {{tenant_host}}.'] }],
  ['placeholder', 'settings without a key', { ...named('cursor'), fields: named('cursor').fields.slice(1) }],
  ['secret', 'a key in a text', { ...named('cursor'), steps: ['Paste gtak_0123456789.'] }],
];

describe('the checks of runbooks', () => {
  it.each(broken)('report %s for %s', (rule, _what, row) => {
    expect(rulesOf(row)).toContain(rule);
  });

  it('report a name that two have', () => {
    const findings = lintRunbooks([named('cursor'), { ...named('cline'), aliases: ['cursor'] }]);
    expect(findings).toEqual([{ slug: 'cursor', rule: 'double_name', detail: 'Two runbooks have this name.' }]);
  });
});

function withBaseUrl(row: RunbookRow, value: string): RunbookRow {
  return { ...row, baseUrl: { ...row.baseUrl, value } };
}

function withVerdict(row: RunbookRow, route: string, verdict: 'gt_extension'): RunbookRow {
  return { ...row, routes: row.routes.map((use) => (use.route === route ? { ...use, verdict } : use)) };
}
