import { z } from 'zod';
import { builtInPreset } from '../presets.js';
import { routeIds } from '../routes.js';
import { clientHabits } from './client-habits.js';
import {
  baseUrlRules,
  compatibilities,
  routeUses,
  runbookCategories,
  verdicts,
  type Compatibility,
} from '../../contracts/runbook-words.js';

const slug = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/);
const sentence = z.string().min(1).max(500);
const preset = z.string().refine((text) => builtInPreset(text) !== undefined, 'is no preset that every tenant has');

/** A route that the product calls. Routes that are not named are not supported in this product. */
const routeUse = z.strictObject({
  route: z.enum(routeIds as readonly [(typeof routeIds)[number], ...typeof routeIds]),
  use: z.enum(routeUses),
  verdict: z.enum(verdicts).exclude(['not_supported']),
  /** When or how it calls it, in the product's own words. */
  note: sentence.optional(),
});

export type RouteUse = z.output<typeof routeUse>;

/**
 * One product that can be, or cannot be, connected to the platform. Texts may have the placeholders `{{origin}}`,
 * `{{api_key}}`, `{{model}}` and `{{embed_model}}`; other braces are the product's own.
 */
export const runbookRow = z.strictObject({
  slug,
  /** Further names under which the runbook is found. */
  aliases: z.array(slug).default([]),
  name: z.string().min(1).max(80),
  category: z.enum(runbookCategories),
  compatibility: z.enum(Object.keys(compatibilities) as [Compatibility, ...Compatibility[]]),
  summary: sentence,
  baseUrl: z.strictObject({
    rule: z.enum(baseUrlRules),
    /** What the product is configured with; null where it takes none. */
    value: z.string().startsWith('{{origin}}').nullable(),
    why: sentence.optional(),
  }),
  /** Settings in the product's own forms and files. */
  fields: z.array(z.strictObject({ where: sentence, value: z.string().max(500), note: sentence.optional() })).default([]),
  env: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[A-Z][A-Z0-9_]*$/),
        /** Null: it is to be left unset. */
        value: z.string().nullable(),
        note: sentence.optional(),
      }),
    )
    .default([]),
  snippets: z.array(z.strictObject({ file: z.string(), language: z.string(), lines: z.array(z.string()).min(1) })).default([]),
  routes: z.array(routeUse).default([]),
  streaming: z.enum(['required', 'supported', 'not_possible']).nullable(),
  /** What it does with tools, and with the list of models. */
  tools: sentence.nullable(),
  modelList: z.strictObject({ use: z.enum(['required', 'optional', 'never']), note: sentence.optional() }).nullable(),
  preset: preset.nullable(),
  alternatives: z.array(z.strictObject({ preset, when: sentence })).default([]),
  /** GT extensions and caveats beside the pitfalls. */
  extensions: z.array(sentence).default([]),
  pitfalls: z.array(sentence).default([]),
  notSupported: z.array(sentence).default([]),
  /** Further to those that every product has. */
  prerequisites: z.array(sentence).default([]),
  steps: z.array(sentence).default([]),
  validation: z.array(sentence).default([]),
  docs: z.array(z.url({ protocol: /^https$/ })).default([]),
  evidence: z.strictObject({ confidence: z.enum(['high', 'medium', 'low']), sources: z.array(sentence).default([]) }),
  /** How the client calls; null for a product that is none. */
  client: clientHabits.nullable(),
});

export type RunbookRow = z.output<typeof runbookRow>;

/** A row as it is written down: what has a default may be left out. */
export type RunbookData = z.input<typeof runbookRow>;
