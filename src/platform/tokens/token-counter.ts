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
  /** The end of the longest beginning of `text` from `start` that has at most `limit` tokens. */
  endOf(text: string, start: number, limit: number): number;
  /** The beginning of the longest end of `text` before `end` that has at most `limit` tokens; not before `floor`. */
  startOf(text: string, floor: number, end: number, limit: number): number;
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
/** Runs that are counted between two looks at the clock: less than a millisecond. */
const runsBetweenLooks = 256;
/** Runs whose counts are remembered; most of a text's words come again. */
const rememberedRuns = 50_000;
/** No special token is special in a document. */
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
    for (const run of this.runsOf(text, 0)) tokens += this.tokensOfRun(run);
    return tokens;
  }

  countUntil(text: string, isLate: () => boolean): PartCount {
    let tokens = 0;
    let length = 0;
    let runs = 0;
    for (const run of this.runsOf(text, 0)) {
      tokens += this.tokensOfRun(run);
      length += run.length;
      runs += 1;
      if (runs % runsBetweenLooks === 0 && isLate()) break;
    }
    return { tokens, length };
  }

  endOf(text: string, start: number, limit: number): number {
    let tokens = 0;
    let end = start;
    for (const run of this.runsOf(text, start)) {
      tokens += this.tokensOfRun(run);
      if (tokens > limit) return end + this.partOf(run, limit - (tokens - this.tokensOfRun(run)));
      end += run.length;
    }
    return end;
  }

  startOf(text: string, floor: number, end: number, limit: number): number {
    let tokens = 0;
    let start = end;
    for (const run of [...this.runsOf(text.slice(floor, end), 0)].reverse()) {
      tokens += this.tokensOfRun(run);
      if (tokens > limit) break;
      start -= run.length;
    }
    return start;
  }

  /** How much of a run still fits, when not all of it does. */
  private partOf(run: string, limit: number): number {
    let fits = 0;
    for (let step = run.length >> 1; step > 0; step = step >> 1) {
      while (fits + step < run.length && this.tokensOf(run.slice(0, fits + step)) <= limit) fits += step;
    }
    return fits;
  }

  private tokensOfRun(run: string): number {
    const known = this.remembered.get(run);
    if (known !== undefined) return known;
    const own = detached(run);
    const tokens = this.tokensOf(own);
    if (this.remembered.size >= rememberedRuns) this.remembered.clear();
    this.remembered.set(own, tokens);
    return tokens;
  }

  private *runsOf(text: string, start: number): Generator<string> {
    for (let at = start; at < text.length;) {
      const window = windowAt(text, at);
      const isLast = at + window.length === text.length;
      let next = at + window.length;
      this.runs.lastIndex = 0;
      // The pattern's matches follow one another without gaps, so each begins where the one before has ended.
      for (let match = this.runs.exec(window); match !== null; match = this.runs.exec(window)) {
        const [run] = match;
        const { lastIndex } = this.runs;
        if (!isLast && lastIndex > window.length - longestSuffix && match.index > 0) {
          // It may go on behind the window, so the next window begins with it.
          next = at + match.index;
          break;
        }
        yield* piecesOf(run);
        // Whoever takes the runs may count another text meanwhile.
        this.runs.lastIndex = lastIndex;
      }
      at = next;
    }
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

/** A copy of its own: a slice that is remembered would keep the whole text it was cut from. */
function detached(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
