/** Counts the tokens of texts as OpenAI's newer models do (o200k). */
export interface TokenCounter {
  /** Tokens of the text. Linear in its length, whatever it holds; a run without a break counts in pieces. */
  count(text: string): number;
  /** The end of the longest beginning of `text` from `start` that has at most `limit` tokens. */
  endOf(text: string, start: number, limit: number): number;
  /** The beginning of the longest end of `text` before `end` that has at most `limit` tokens; not before `floor`. */
  startOf(text: string, floor: number, end: number, limit: number): number;
}

/** Characters of one run that are counted at once: the tokenizer's time grows with their square. */
const maxRunLength = 128;
/** Runs whose counts are remembered; most of a text's words come again. */
const rememberedRuns = 50_000;
/** No special token is special in a document. */
const plain = { disallowedSpecial: new Set<string>() };

let loaded: Promise<TokenCounter> | undefined;

/** The counter; its tables (some 60 MB) are loaded on the first call. */
export function loadTokenCounter(): Promise<TokenCounter> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<TokenCounter> {
  const [{ countTokens }, { O200K_TOKEN_SPLIT_REGEX }] = await Promise.all([
    import('gpt-tokenizer/encoding/o200k_base'),
    import('gpt-tokenizer/encodingParams/constants'),
  ]);
  return new RunCounter((run) => countTokens(run, plain), O200K_TOKEN_SPLIT_REGEX);
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
      while (fits + step < run.length && this.tokensOf(detached(run.slice(0, fits + step))) <= limit) fits += step;
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
    this.runs.lastIndex = start;
    for (let match = this.runs.exec(text); match !== null; match = this.runs.exec(text)) {
      const [run] = match;
      if (run.length <= maxRunLength) yield run;
      else for (let at = 0; at < run.length; at += maxRunLength) yield run.slice(at, at + maxRunLength);
    }
  }
}

/** A copy of its own: in a cache, ours or the tokenizer's, a slice would keep the whole text it was cut from. */
function detached(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
