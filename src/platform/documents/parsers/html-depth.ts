/** Deeper elements become siblings of their parent, as in browsers. */
const maxDepth = 512;
/** Lists, quotations and tables are written indented or again at each level, so that their cost grows with depth twice. */
const indented = new Set('ul ol menu dir dl blockquote table'.split(' '));
const maxIndented = 32;

/** Elements that hold nothing. */
const empty = new Set(
  'area base basefont bgsound br col embed frame hr img input keygen link meta param source track wbr'.split(' '),
);
/** Elements that end where another one begins, so that they never nest in themselves alone. */
const selfEnding = new Set(
  'html head body p li dt dd option optgroup tr td th thead tbody tfoot colgroup caption rp rt'.split(' '),
);
/** Elements whose content is text, whatever it looks like. */
const raw = new Set('script style textarea title xmp iframe noembed noframes'.split(' '));
/** Elements in which `/>` ends an element. */
const foreign = ['svg', 'math'];

/**
 * The HTML without the tags that open elements nested deeper than 512, or lists, quotations and tables in more than 31 of
 * such; their text stays. The time that a reader takes
 * grows with the product of length and depth: half a million nested tags would take minutes.
 */
export function withBoundedDepth(html: string): string {
  const kept: string[] = [];
  const open: string[] = [];
  let lists = 0;
  let from = 0;
  for (let at = html.indexOf('<'); at !== -1;) {
    const end = endOfTag(html, at);
    if (end === -1) break;
    const [, slash, written] = /^<(\/?)([a-z][^\s/>]*)/i.exec(html.slice(at, Math.min(end, at + 32))) ?? [];
    const name = written?.toLowerCase();
    let next = end;
    if (name === undefined || empty.has(name) || selfEnding.has(name)) {
      // It opens nothing that counts.
    } else if (slash === '/') {
      const opened = open.lastIndexOf(name);
      if (opened !== -1) for (const closed of open.splice(opened)) if (indented.has(closed)) lists -= 1;
    } else if (raw.has(name)) {
      next = endOfRaw(html, name, end);
    } else if (html[end - 2] === '/' && foreign.some((one) => open.includes(one))) {
      // It ends where it begins.
    } else if (open.length < maxDepth && !(indented.has(name) && lists === maxIndented)) {
      open.push(name);
      if (indented.has(name)) lists += 1;
    } else {
      kept.push(html.slice(from, at));
      from = end;
    }
    at = html.indexOf('<', next);
  }
  return from === 0 ? html : kept.join('') + html.slice(from);
}

/** The place behind a tag or a comment; -1 when it does not end. */
function endOfTag(html: string, at: number): number {
  const mark = html.startsWith('<!--', at) ? '-->' : '>';
  // `<` before a blank or a number is text.
  if (!/[a-z/!?]/i.test(html[at + 1] ?? '')) return at + 1;
  const end = html.indexOf(mark, at + 1);
  return end === -1 ? -1 : end + mark.length;
}

function endOfRaw(html: string, name: string, from: number): number {
  const end = new RegExp(`</${name}`, 'gi');
  end.lastIndex = from;
  return end.exec(html)?.index ?? html.length;
}
