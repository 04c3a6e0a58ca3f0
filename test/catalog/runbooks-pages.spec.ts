import { describe, expect, it } from '@jest/globals';
import { runbookMarkdown, runbookPage } from '../../src/catalog/pages/runbooks/runbook-page.js';
import { runbookText } from '../../src/catalog/pages/runbooks/runbook-text.js';
import { compatibilityPage, runbooksIndexPage } from '../../src/catalog/pages/runbooks/runbooks-page.js';
import { filled, unfilled, type Filling } from '../../src/catalog/runbooks/filling.js';
import { findRunbook, runbooks } from '../../src/catalog/runbooks/index.js';
import { mappingOf } from '../../src/catalog/runbooks/mapping.js';
import { presetReaches } from '../../src/catalog/runbooks/reach.js';
import { routeRow } from '../../src/catalog/routes.js';

const sections = [
  'Official documentation',
  'Configuration fields',
  'GT route mapping',
  'Not supported in this product',
  'Prerequisites',
  'Setup steps',
  'GT extensions and caveats',
  'Validation checklist',
];

const acme: Filling = {
  origin: 'https://api.acme.example',
  apiKey: 'gtak_secret',
  aliases: ['support', 'faq'],
  embedAlias: 'vectors',
};

describe.each(runbooks.map((row) => [row.slug, row] as const))('the runbook %s', (_slug, row) => {
  it('has every section once and in order, as a page and as text', () => {
    const [page = '', text = ''] = runbookPage(row).split('\n## Plain text\n');
    expect(page.match(/^## .+$/gm)).toEqual(sections.map((title) => `## ${title}`));
    expect(text.match(/^[A-Z][A-Za-z ]+:$/gm)?.filter((line) => sections.includes(line.slice(0, -1)))).toEqual(
      sections.map((title) => `${title}:`),
    );
  });

  it('is filled in wholly, and with nothing of the documentation', () => {
    for (const written of [runbookMarkdown(row, acme), runbookText(row, acme)]) {
      expect(written).not.toMatch(/\{\{(origin|api_key|model|embed_model)\}\}|<tenant-host>|published-|gtak_\.\.\./);
      if (row.client !== null) expect(written).toContain('gtak_secret');
      if (row.client !== null) expect(written).toContain('https://api.acme.example/api/tenant');
    }
  });

  it('names for each route that it uses a preset that reaches it', () => {
    for (const { route, integration, use } of mappingOf(row)) {
      if (use === 'none') continue;
      const [, named = row.preset ?? ''] = /Needs a key of the preset `([a-z-]+)`/.exec(integration) ?? [];
      expect([route, presetReaches(named, route)]).toEqual([route, true]);
      expect(integration).toContain(`/v1${routeRow(route).path}`);
    }
  });
});

describe('filling a runbook in', () => {
  it("leaves the product's own braces, and takes texts with quotes and dollars as they are", () => {
    const text = '{{CHAT_ID}} {{model}} {{LIBRECHAT_USER}} {{api_key}}';
    expect(filled({ text }, { ...acme, aliases: ['a"b$&'], apiKey: '$1\\n' })).toEqual({
      text: '{{CHAT_ID}} a"b$& {{LIBRECHAT_USER}} $1\\n',
    });
  });

  it('says the placeholders where nothing is published', () => {
    expect(filled('{{model}} at {{origin}}', unfilled)).toBe('published-agent-alias at https://<tenant-host>');
  });
});

describe('the index and the matrix', () => {
  it('have each product once', () => {
    for (const { slug } of runbooks) {
      expect(runbooksIndexPage().split(`](${slug}.md)`)).toHaveLength(2);
      expect(compatibilityPage().split(`](${slug}.md)`)).toHaveLength(2);
    }
  });

  it('compare chats, files and what is kept', () => {
    const row = compatibilityPage()
      .split('\n')
      .find((line) => line.startsWith('| n8n |'));
    expect(findRunbook('n8n')?.preset).toBe('openai-chat-client');
    expect(row).toContain(
      '| Workflow and builders | OpenAI plus GT extensions | `openai-chat-client` | native | gt_extension | gt_extension |',
    );
  });
});
