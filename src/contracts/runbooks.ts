import { z } from 'zod';
import { endpointKinds } from './endpoints.js';
import { tenantQuery } from './lists.js';
import { baseUrlRules, compatibilities, routeUses, runbookCategories, verdicts, type Compatibility } from './runbook-words.js';
import { endpointName } from './names.js';
import { modalities } from './scopes.js';

const compatibility = z.enum(Object.keys(compatibilities) as [Compatibility, ...Compatibility[]]);

const summaryMembers = {
  object: z.literal('runbook'),
  id: z.string().describe('The slug of the product.'),
  name: z.string(),
  category: z.enum(runbookCategories),
  compatibility: compatibility.describe('How the product gets on with the platform.'),
  compatibility_label: z.enum(compatibilities),
  summary: z.string(),
  preset: z.string().nullable().describe('The narrowest preset for the product; null for one that cannot call the platform.'),
  base_url: z.string().nullable().describe("What the product is configured with, with the tenant's own host filled in."),
  chat: z.enum(verdicts),
  files: z.enum(verdicts),
  persistence: z.enum(verdicts),
  evidence: z.string().describe('How the compatibility is known.'),
};

/** A runbook in a list. */
export const runbookSummary = z.object(summaryMembers).describe('A product that a runbook is about.');

export type RunbookSummary = z.infer<typeof runbookSummary>;

/** A published name that a runbook can be filled in with. */
const publishedName = z.object({ name: z.string(), kind: z.enum(endpointKinds), modalities: z.array(z.enum(modalities)) });

/** A whole runbook, filled in for a tenant. */
export const runbookObject = z
  .object({
    ...summaryMembers,
    base_url_rule: z.enum(baseUrlRules).describe('How the base URL of this product must end.'),
    configuration: z
      .object({
        fields: z.array(z.object({ where: z.string(), value: z.string(), note: z.string().optional() })),
        environment: z.array(
          z.object({
            name: z.string(),
            value: z.string().nullable().describe('Null: leave it unset.'),
            note: z.string().optional(),
          }),
        ),
        files: z.array(z.object({ file: z.string(), language: z.string(), content: z.string() })),
      })
      .describe('What is set in the product. The key stands as a placeholder.'),
    routes: z.array(
      z.object({
        id: z.string().describe('The row of the route table.'),
        method: z.string(),
        path: z.string(),
        verdict: z.enum(verdicts).describe("What the product's use of the route is."),
        use: z.enum([...routeUses, 'none']).describe('When the product calls it.'),
        integration: z.string(),
      }),
    ),
    alternatives: z.array(z.object({ preset: z.string(), when: z.string() })).describe('Further presets, and when they fit.'),
    not_supported: z.array(z.string()),
    prerequisites: z.array(z.string()),
    steps: z.array(z.string()),
    caveats: z.array(z.string()),
    checks: z.array(z.object({ id: z.string(), text: z.string() })).describe('The checklist.'),
    docs: z.array(z.string()),
    filled_with: z
      .object({ origin: z.string(), names: z.array(publishedName).describe('Published names, the one to use first.') })
      .describe('What stands for the placeholders.'),
    text: z.string().describe('The runbook as plain text.'),
    markdown: z.string().describe('The runbook in Markdown.'),
  })
  .describe('How a product is connected, filled in with what the tenant has.');

export type RunbookObject = z.infer<typeof runbookObject>;

/** Query of one runbook. */
export const runbookQuery = tenantQuery
  .extend({
    format: z.enum(['json', 'text', 'markdown']).default('json').describe('text and markdown answer with the page alone.'),
    model: endpointName
      .optional()
      .describe("The published name to fill in; by default the tenant's default agent, or its first."),
  })
  .describe('In which form a runbook is shown.');
