import type { Evidence } from '../../runbooks/evidence-hash.js';
import { filled, unfilled, type Filling } from '../../runbooks/filling.js';
import { mappingOf } from '../../runbooks/mapping.js';
import type { RunbookRow } from '../../runbooks/runbook-row.js';
import { cells, generated, table } from '../markdown.js';
import { headOf, sectionsOf, type Section } from './runbook-sections.js';
import { runbookText } from './runbook-text.js';

/** `docs/runbooks/<slug>.md`: with placeholders, and with the plain text at its end. */
export function runbookPage(row: RunbookRow): string {
  const [title = '', ...rest] = runbookMarkdown(row, unfilled).split('\n');
  const text = ['## Plain text', '', '```text', runbookText(row, unfilled).trimEnd(), '```', ''];
  return [title, '', generated, ...rest, ...text].join('\n');
}

/** The runbook in Markdown, filled in. @param runs as `headOf`. */
export function runbookMarkdown(row: RunbookRow, filling: Filling, runs?: readonly Evidence[]): string {
  const { title, placed, preset, evidence, summary } = headOf(row, runs);
  const sections = sectionsOf(row, filling.aliases);
  const parts = [
    `# ${title}`,
    '',
    `${summary} Recommended preset: ${preset}.`,
    '',
    row.preset === null
      ? `${row.name} cannot be a client of the GT API; this page says what can be done instead.`
      : `This runbook maps ${row.name} to the routes of the GT API that a key of this preset, or of one named below, may call.`,
    '',
    `- Compatibility: ${placed}`,
    `- Evidence: ${evidence}`,
    '',
    ...sections.flatMap((section) => [
      ...sectionLines(section, row),
      ...(section.title === 'Configuration fields' ? fileLines(row) : []),
    ]),
  ];
  return filled(`${parts.join('\n')}`, filling);
}

function sectionLines({ title, kind, lines }: Section, row: RunbookRow): string[] {
  const listed = lines.map((line, place) => (kind === 'numbered' ? `${place + 1}. ${line}` : `- ${line}`));
  return [`## ${title}`, '', ...(kind === 'mapping' ? mappingTable(row) : listed), ''];
}

function mappingTable(row: RunbookRow): string[] {
  return table(
    ['GT route', 'Verdict', 'Client integration'],
    mappingOf(row).map(({ method, path, verdict, integration }) => cells([`\`${method} ${path}\``, verdict, integration])),
  );
}

function fileLines({ snippets }: RunbookRow): string[] {
  return snippets.flatMap(({ file, language, lines }) => [`\`${file}\``, '', `\`\`\`${language}`, ...lines, '```', '']);
}
