import { cutWords, type Token } from '../../platform/words/cut-words.js';
import { quoteLexeme } from '../../platform/words/quote-lexeme.js';

/** One word to look by: as it is typed, and as the text of a tsquery. */
export interface AskedWord {
  readonly text: string;
  readonly part: string;
}

/** What a question asks of the words of a passage; the parts are the text of tsqueries. */
export interface WordQuery {
  /** All words, with the operators that a person may have typed; empty when it asks only for what shall not be there. */
  readonly all: string;
  /** The words as they are typed, accents and signs included: who has them ranks first. */
  readonly exact: readonly string[];
  /** The words one by one, for when no passage holds them all. */
  readonly words: readonly AskedWord[];
}

const mostTokens = 500;
const mostWords = 64;
const pieces = /(?<=^|\s)(-?)"([^"]*)"|(\S+)/g;

/**
 * Reads a question as people type it into a search box: words that all must be there, `"in a row"`, `-without`, and `or`
 * between two groups. A minus counts only right before a word or a quotation.
 */
export function readWordQuery(question: string): WordQuery {
  const reader = new QueryReader();
  for (const [, quotedMinus = '', quoted, typed = ''] of question.matchAll(pieces)) {
    if (quoted !== undefined) reader.quoted([...cutWords(quoted)], quotedMinus === '-');
    else if (/^or$/i.test(typed)) reader.or();
    else reader.typed([...cutWords(typed)], /^-[\p{L}\p{N}]/u.test(typed));
  }
  return reader.query();
}

class QueryReader {
  private groups: { readonly wanted: string[]; readonly unwanted: string[] }[] = [{ wanted: [], unwanted: [] }];
  private readonly exact = new Set<string>();
  private readonly words = new Map<string, string>();
  private tokens = 0;

  or(): void {
    const last = this.groups.at(-1);
    if (last !== undefined && last.wanted.length > 0) this.groups.push({ wanted: [], unwanted: [] });
  }

  typed(tokens: readonly Token[], isUnwanted: boolean): void {
    for (const token of tokens) this.add(partOf(token), [token], isUnwanted);
  }

  quoted(tokens: readonly Token[], isUnwanted: boolean): void {
    const words = tokens.flatMap((token) => token.words);
    if (words.length > 0) this.add(inARow(words.map(({ folded }) => folded)), tokens, isUnwanted);
  }

  query(): WordQuery {
    const groups = this.groups.filter(({ wanted }) => wanted.length > 0);
    const all = groups.map(({ wanted, unwanted }) => [...wanted, ...unwanted.map((part) => `!${part}`)].join(' & '));
    const words = [...this.words].slice(0, mostWords).map(([part, text]) => ({ text, part }));
    return { all: all.join(' | '), exact: [...this.exact].slice(0, mostWords), words };
  }

  private add(part: string, tokens: readonly Token[], isUnwanted: boolean): void {
    this.tokens += tokens.length;
    const group = this.groups.at(-1);
    if (this.tokens > mostTokens || group === undefined) return;
    (isUnwanted ? group.unwanted : group.wanted).push(part);
    if (isUnwanted) return;
    for (const token of tokens) {
      if (token.compound !== undefined) this.exact.add(`${quoteLexeme(token.compound)}:A`);
      if (token.words.length > 1) this.words.set(partOf(token), token.words.map(({ exact }) => exact).join(' '));
      for (const { exact, folded } of token.words) {
        this.exact.add(`${quoteLexeme(exact)}:A`);
        this.words.set(quoteLexeme(folded), exact);
      }
    }
  }
}

function partOf({ words, joined }: Token): string {
  const row = inARow(words.map(({ folded }) => folded));
  return joined === undefined ? row : `(${row} | ${quoteLexeme(joined)})`;
}

function inARow(words: readonly string[]): string {
  const row = words.map(quoteLexeme).join(' <-> ');
  return words.length === 1 ? row : `(${row})`;
}
