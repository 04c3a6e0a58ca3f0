/** Lines of front matter at most; what is longer is text. */
const longest = 200;
const fences: Readonly<Record<string, RegExp>> = { '---': /^(?:---|\.\.\.)$/, '+++': /^\+\+\+$/ };
/** A name with its value, or what continues one: an item of a list, an indented line, a comment. */
const field = /^(?:[\w."'-]+(?: [\w-]+)*\s*[:=].*|\s.*|-.*|#.*|[\]}],?)?$/;
const told = /^(?:title|subtitle|description|summary)\s*[:=]\s*(.*)$/i;

/**
 * Markdown without its front matter: what stands between two lines of `---` (or `+++`) at its very beginning is about the
 * text, not part of it. Only title and description are kept, as a paragraph.
 */
export function withoutFrontMatter(text: string): string {
  const lines = text.split('\n', longest + 2);
  const end = fences[lines[0]?.trimEnd() ?? ''];
  if (end === undefined) return text;
  const last = lines.findIndex((line, index) => index > 0 && end.test(line.trimEnd()));
  const fields = lines.slice(1, last);
  if (last < 2 || !fields.every((line) => field.test(line)) || !fields.some((line) => /^[\w"']/.test(line))) return text;
  const kept = fields.flatMap((line) => {
    const value =
      told
        .exec(line)?.[1]
        ?.trim()
        .replace(/^(["'])(.*)\1$/, '$2') ?? '';
    return value === '' || /^[|>][+-]?$/.test(value) ? [] : [value];
  });
  const rest = text.slice(lines.slice(0, last + 1).join('\n').length).replace(/^\n+/, '');
  return kept.length === 0 ? rest : `${kept.join('\n')}\n\n${rest}`;
}
