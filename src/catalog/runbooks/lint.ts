import { lintBaseUrl } from './lint-base-url.js';
import type { Finding } from './lint-finding.js';
import { lintGrants } from './lint-grants.js';
import { lintTexts } from './lint-texts.js';
import { lintVerdicts } from './lint-verdicts.js';
import type { RunbookRow } from './runbook-row.js';

/**
 * What a row promises beyond what its product's key can do, and where its parts say different things. Nothing is found in a
 * row that may be published.
 */
export function lintRunbook(row: RunbookRow): Finding[] {
  return [lintVerdicts, lintGrants, lintBaseUrl, lintTexts].flatMap((rules) =>
    rules(row).map((fault) => ({ slug: row.slug, ...fault })),
  );
}

/** The findings in all rows, and names that two of them have. */
export function lintRunbooks(rows: readonly RunbookRow[]): Finding[] {
  const names = rows.flatMap((row) => [row.slug, ...row.aliases]);
  const doubled = names.filter((name, place) => names.indexOf(name) !== place);
  return [
    ...rows.flatMap(lintRunbook),
    ...doubled.map((slug) => ({ slug, rule: 'double_name', detail: 'Two runbooks have this name.' })),
  ];
}
