import { areasOf } from '../../runbooks/areas.js';
import { evidenceText } from '../../runbooks/evidence.js';
import { runbooks } from '../../runbooks/index.js';
import { compatibilities, runbookCategories } from '../../../contracts/runbook-words.js';
import { cells, generated, table } from '../markdown.js';

/** `docs/runbooks/index.md`: every product by its category. */
export function runbooksIndexPage(): string {
  return [
    '# Runbooks',
    '',
    generated,
    '',
    'How third-party products are connected to the platform: what is set where, which routes the product calls, which key it',
    'needs, and how it is seen that it works. [compatibility.md](compatibility.md) compares them.',
    '',
    '```sh',
    'npx --no -- gt runbook list --tenant demo                  # this list',
    'npx --no -- gt runbook show cursor --tenant demo           # with the own host and aliases filled in',
    'npx --no -- gt runbook key cursor --tenant demo --name ide # the narrowest key, and the configuration with it',
    'npx --no -- gt runbook verify cursor --tenant demo         # whether it works, tried as the product would',
    'npx --no -- gt runbook verify cursor --tenant demo --on-server # the same by a worker, kept as evidence of the tenant',
    '```',
    '',
    'The pages write `gt` for `npx --no -- gt`, typed in the folder of the platform. An operator, as after `npm run up`, adds',
    '`--tenant` with the tenant; the token of a member needs none.',
    '',
    ...runbookCategories.flatMap((category) => [
      `## ${category}`,
      '',
      ...runbooks.filter((row) => row.category === category).map((row) => `- [${row.name}](${row.slug}.md): ${row.summary}`),
      '',
    ]),
  ].join('\n');
}

/** `docs/runbooks/compatibility.md`: what each product does with chats, files and what is kept. */
export function compatibilityPage(): string {
  return [
    '# Compatibility',
    '',
    generated,
    '',
    'Each cell says what the product itself does: `native` calls routes of the API of OpenAI, `gt_extension` routes of this',
    'platform, `not_supported` neither. Files are uploads into datasets and conversations; persistence is what the platform keeps',
    'of conversations and responses.',
    '',
    ...table(
      ['Client', 'Category', 'Compatibility', 'Preset', 'Chat', 'Files', 'Persistence', 'Details'],
      runbooks.map((row) =>
        cells([
          row.name,
          row.category,
          compatibilities[row.compatibility],
          row.preset === null ? 'none' : `\`${row.preset}\``,
          ...Object.values(areasOf(row)),
          `[runbook](${row.slug}.md), ${evidenceText(row)}`,
        ]),
      ),
    ),
    '',
  ].join('\n');
}
