import type { RunbookRow } from './runbook-row.js';

/** What is typed into the product: the values of settings, and the lines of files. */
export function settingTexts({ fields, env, snippets }: RunbookRow): string[] {
  return [...fields.map(({ value }) => value), ...env.map(({ value }) => value ?? ''), ...snippets.flatMap(({ lines }) => lines)];
}

/** What is said about the product, but not what it cannot do. */
export function proseTexts(row: RunbookRow): string[] {
  return [
    row.summary,
    row.baseUrl.why,
    row.tools,
    row.modelList?.note,
    ...[...row.fields, ...row.env, ...row.routes].map(({ note }) => note),
    ...row.alternatives.map(({ when }) => when),
    ...row.extensions,
    ...row.pitfalls,
    ...row.prerequisites,
    ...row.steps,
    ...row.validation,
  ].filter((text) => text != null);
}
