import { detached } from '../../kernel/detached.js';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { BytePairs } from './byte-pairs.js';
import { RankTable } from './rank-table.js';

/** Counts the tokens of texts as OpenAI's newer models do (o200k). */
export interface TokenCounter {
  /** Tokens of the text. Linear in its length, whatever it holds; a run without a break counts in pieces. */
  count(text: string): number;
  /** The same, but no further than until `isLate` says so; it is asked now and then. */
  countUntil(text: string, isLate: () => boolean): PartCount;
  /** Splits a text from `start` on, as far as `limit` tokens reach. */
  measure(text: string, start: number, limit: number): MeasuredText;
}

/** A part of a text that was split once, so that its parts are counted without splitting them again. */
export interface MeasuredText {
  /** The end of the longest beginning that has at most the limit's tokens. */
  readonly end: number;
  /** Tokens from the start up to a place, as `count` says of that part. */
  tokensTo(at: number): number;
  /** The beginning of the longest end before `end` that has at most `limit` tokens; not before `floor`. */
  startOf(floor: number, end: number, limit: number): number;
}

/** The tokens of a text's beginning. */
export interface PartCount {
  readonly tokens: number;
  /** UTF-16 units that were counted. */
  readonly length: number;
}

/** Characters of one run that are counted at once: the time grows with their square. */
const maxRunLength = 128;
/** Characters that the pattern of the runs is given at once: its stack grows with the longest run. */
const windowLength = 16_384;
/** Of what the pattern takes behind a word: `'ll`. */
const longestSuffix = 3;
/** Pieces of runs that are counted between two looks at the clock: less than a millisecond. */
const piecesBetweenLooks = 256;
/** Runs whose counts are remembered; most of a text's words come again. */
const rememberedRuns = 50_000;
/** The encoding's table, which the tokenizer's package holds also as it was published. */
const tableFile = createRequire(import.meta.url).resolve('gpt-tokenizer/data/o200k_base.tiktoken');

let loaded: Promise<() => TokenCounter> | undefined;

/**
 * A new counter, which remembers nothing of what others have counted; the table (some 6 MB) is loaded on the first call and
 * shared.
 */
export async function loadTokenCounter(): Promise<TokenCounter> {
  loaded ??= load();
  return (await loaded)();
}

async function load(): Promise<() => TokenCounter> {
  const [file, { O200K_TOKEN_SPLIT_REGEX }] = await Promise.all([
    readFile(tableFile),
    import('gpt-tokenizer/encodingParams/constants'),
  ]);
  const pairs = new BytePairs(new RankTable(file), maxRunLength);
  return () => new RunCounter((run) => pairs.count(run), O200K_TOKEN_SPLIT_REGEX);
}

/** Splits texts into the runs (about words) that the encoding never joins, and adds up their tokens. */
class RunCounter implements TokenCounter {
  private readonly remembered = new Map<string, number>();
  private readonly runs: RegExp;

  constructor(
    private readonly tokensOf: (run: string) => number,
    runs: RegExp,
  ) {
    this.runs = new RegExp(runs);
  }

  count(text: string): number {
    let tokens = 0;
    this.split(text, 0, (run) => {
      tokens += this.tokensOfRun(run);
      return true;
    });
    return tokens;
  }

  countUntil(text: string, isLate: () => boolean): PartCount {
    let tokens = 0;
    let length = 0;
    let pieces = 0;
    this.split(text, 0, (run) => {
      for (const piece of piecesOf(run)) {
        tokens += this.tokensOfPiece(piece);
        length += piece.length;
        pieces += 1;
        if (pieces % piecesBetweenLooks === 0 && isLate()) return false;
      }
      return true;
    });
    return { tokens, length };
  }

  measure(text: string, start: number, limit: number): MeasuredText {
    const starts: number[] = [];
    const before: number[] = [];
    let tokens = 0;
    let end = text.length;
    this.split(text, start, (run, at) => {
      const own = this.tokensOfRun(run);
      starts.push(at);
      before.push(tokens);
      if (tokens + own > limit) end = at + this.partOf(run, limit - tokens);
      tokens += own;
      return tokens <= limit;
    });
    return new MeasuredRuns(this, text, end, starts, before);
  }

  /** How much of a run still fits, when not all of it does. */
  private partOf(run: string, limit: number): number {
    let left = limit;
    let length = 0;
    for (const piece of piecesOf(run)) {
      const own = this.tokensOfPiece(piece);
      if (own > left) return length + this.partOfPiece(piece, left);
      left -= own;
      length += piece.length;
    }
    return length;
  }

  private partOfPiece(piece: string, limit: number): number {
    let fits = 0;
    for (let step = piece.length >> 1; step > 0; step = step >> 1) {
      while (fits + step < piece.length && this.tokensOf(piece.slice(0, fits + step)) <= limit) fits += step;
    }
    return fits;
  }

  private tokensOfRun(run: string): number {
    if (run.length <= maxRunLength) return this.tokensOfPiece(run);
    let tokens = 0;
    for (const piece of piecesOf(run)) tokens += this.tokensOfPiece(piece);
    return tokens;
  }

  private tokensOfPiece(piece: string): number {
    const known = this.remembered.get(piece);
    if (known !== undefined) return known;
    const own = detached(piece);
    const tokens = this.tokensOf(own);
    if (this.remembered.size >= rememberedRuns) this.remembered.clear();
    this.remembered.set(own, tokens);
    return tokens;
  }

  /** Gives the runs of a text from `start` on and where they begin, until `visit` returns false. */
  private split(text: string, start: number, visit: (run: string, at: number) => boolean): void {
    const { runs } = this;
    for (let at = start; at < text.length;) {
      const window = windowAt(text, at);
      const isLast = at + window.length === text.length;
      // The pattern's matches follow one another without gaps, so each begins where the one before has ended.
      let from = 0;
      while (from < window.length) {
        runs.lastIndex = from;
        const to = runs.test(window) ? runs.lastIndex : window.length;
        // It may go on behind the window, so the next window begins with it.
        if (!isLast && to > window.length - longestSuffix && from > 0) break;
        if (!visit(window.slice(from, to), at + from)) return;
        from = to;
      }
      at += from;
    }
  }
}

/** The runs of a part of a text: where each begins, and the tokens before it. */
class MeasuredRuns implements MeasuredText {
  constructor(
    private readonly counter: Pick<TokenCounter, 'count'>,
    private readonly text: string,
    readonly end: number,
    private readonly starts: readonly number[],
    private readonly before: readonly number[],
  ) {}

  tokensTo(at: number): number {
    const next = this.firstFrom(at);
    if (this.starts[next] === at) return this.before[next] ?? 0;
    // What stands before a run does not change how it is split; where it ends within one, that one is split anew.
    return (this.before[next - 1] ?? 0) + this.counter.count(this.text.slice(this.starts[next - 1] ?? at, at));
  }

  startOf(floor: number, end: number, limit: number): number {
    const tokens = this.tokensTo(end);
    let start = end;
    for (let at = this.firstFrom(end) - 1; at >= 0; at -= 1) {
      const from = this.starts[at] ?? 0;
      if (from < floor || tokens - (this.before[at] ?? 0) > limit) break;
      start = from;
    }
    return start;
  }

  /** The number of runs that begin before a place. */
  private firstFrom(at: number): number {
    let [low, high] = [0, this.starts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.starts[middle] ?? 0) < at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** A window never ends between the halves of a character. */
function windowAt(text: string, at: number): string {
  const end = at + windowLength;
  return text.slice(at, end < text.length && isHighSurrogate(text, end - 1) ? end - 1 : end);
}

/** A run in pieces of bounded length, none of which ends between the halves of a character. */
function* piecesOf(run: string): Generator<string> {
  let at = 0;
  while (run.length - at > maxRunLength) {
    const end = isHighSurrogate(run, at + maxRunLength - 1) ? at + maxRunLength - 1 : at + maxRunLength;
    yield run.slice(at, end);
    at = end;
  }
  yield run.slice(at);
}

function isHighSurrogate(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0xd800 && code <= 0xdbff;
}
