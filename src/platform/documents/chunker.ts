import { bestCut, bestStart, characterBoundary } from './chunk-boundaries.js';
import type { Section, SectionSource } from './section.js';
import { loadTokenCounter, type MeasuredText, type TokenCounter } from '../tokens/token-counter.js';

/** Where a chunk stands: the place of its beginning, and the last page or slide when it reaches over several. */
export interface ChunkSource extends SectionSource {
  readonly pageEnd?: number;
  readonly slideEnd?: number;
}

export interface Chunk {
  /** From 0, without gaps. */
  readonly ordinal: number;
  readonly text: string;
  /** Tokens of `text` (o200k). */
  readonly tokens: number;
  readonly source: ChunkSource;
}

export interface ChunkOptions {
  /** Most tokens of one chunk. */
  readonly chunkTokens: number;
  /** Most tokens that a chunk repeats of the one before, at most half of `chunkTokens`; none where a new topic begins. */
  readonly overlapTokens: number;
}

/** Characters of one chunk for each token, at most: long runs of blanks are few tokens and no content. */
const maxTokenLength = 16;

/**
 * Cuts a document into chunks for retrieval, as its sections come: the memory needed does not grow with the document,
 * the time grows with its length alone. Every character of the sections is in some chunk, in order, except for chunks
 * that would be blank. No chunk mixes two sheets. No character as people see it is split, unless it alone is larger
 * than a chunk.
 */
export async function* chunkSections(
  sections: AsyncIterable<Section> | Iterable<Section>,
  options: ChunkOptions,
): AsyncGenerator<Chunk> {
  const chunker = new Chunker(options, await loadTokenCounter());
  for await (const section of sections) yield* chunker.add(section);
  yield* chunker.finish();
}

/** A section's beginning in the text that is held. */
interface Mark {
  readonly at: number;
  readonly source: SectionSource;
}

/** Where a chunk ends, its tokens, and its text as it was split. */
interface ChunkEnd {
  readonly end: number;
  readonly tokens: number;
  readonly measured: MeasuredText;
}

class Chunker {
  private readonly overlapTokens: number;
  private readonly windowLength: number;
  private pending: string[] = [];
  private pendingLength = 0;
  private text = '';
  private marks: Mark[] = [];
  /** Where the next chunk begins, and where what no chunk holds yet begins. */
  private start = 0;
  private fresh = 0;
  private ordinal = 0;

  constructor(
    private readonly options: ChunkOptions,
    private readonly counter: TokenCounter,
  ) {
    this.overlapTokens = Math.min(options.overlapTokens, Math.floor(options.chunkTokens / 2));
    this.windowLength = options.chunkTokens * maxTokenLength;
  }

  *add({ text, source }: Section): Generator<Chunk> {
    const last = this.marks.at(-1);
    if (last !== undefined && last.source.sheet !== source.sheet) yield* this.finish();
    this.marks.push({ at: this.text.length + this.pendingLength, source });
    this.pending.push(text);
    this.pendingLength += text.length;
    // A window more than the chunk needs: what follows a place decides whether it may be cut there.
    yield* this.cutWhile(() => this.text.length + this.pendingLength - this.start > 2 * this.windowLength);
  }

  /** The chunks of what is left; what comes afterwards repeats nothing of it. */
  *finish(): Generator<Chunk> {
    yield* this.cutWhile(() => this.fresh < this.text.length + this.pendingLength);
    this.text = '';
    this.marks = [];
    this.start = 0;
    this.fresh = 0;
  }

  private *cutWhile(isEnough: () => boolean): Generator<Chunk> {
    if (!isEnough()) return;
    this.join();
    while (isEnough()) {
      const chunk = this.cut();
      if (chunk !== undefined) yield chunk;
    }
  }

  /** Takes in what has come, and lets go of what is done. */
  private join(): void {
    const { start } = this;
    this.text = this.text.slice(start) + this.pending.join('');
    this.pending = [];
    this.pendingLength = 0;
    const first = this.marks.findLastIndex(({ at }) => at <= start);
    this.marks = this.marks.slice(Math.max(0, first)).map(({ at, source }) => ({ at: Math.max(0, at - start), source }));
    this.fresh -= start;
    this.start = 0;
  }

  /** Cuts the next chunk off; undefined when it is blank. */
  private cut(): Chunk | undefined {
    let found = this.endOfChunk(this.start);
    if (found.end <= this.fresh) {
      // The repeated text left no room for anything new.
      this.start = this.fresh;
      found = this.endOfChunk(this.start);
    }
    const { end, tokens, measured } = found;
    const text = this.text.slice(this.start, end);
    const isBlank = !/\S/.test(this.text.slice(this.fresh, end));
    const chunk = { ordinal: this.ordinal, text, tokens, source: this.sourceOf(this.start, end) };
    this.fresh = end;
    this.start = this.startOfNext(this.start, end, measured);
    if (isBlank) return undefined;
    this.ordinal += 1;
    return chunk;
  }

  private endOfChunk(start: number): ChunkEnd {
    const { chunkTokens } = this.options;
    const window = this.text.slice(0, start + this.windowLength);
    for (let limit = chunkTokens; ; limit -= Math.max(1, Math.ceil(limit / 16))) {
      const measured = this.counter.measure(window, start, limit);
      const furthest = Math.max(measured.end, start + this.lengthAt(start));
      const end = furthest >= this.text.length ? this.text.length : this.cutUpTo(start, furthest);
      const tokens = measured.tokensTo(end);
      // A text cut within a word can have more tokens than it had as part of the whole.
      if (limit <= 1 || tokens <= chunkTokens) return { end, tokens, measured };
    }
  }

  private cutUpTo(start: number, furthest: number): number {
    const half = Math.max(this.fresh, start + Math.ceil((furthest - start) / 2));
    // Where another topic begins, in the later half, is better than any paragraph.
    const mark = this.marks.findLast(({ at }, index) => at <= furthest && at > half && this.isNewTopic(index));
    if (mark !== undefined) return characterBoundary(this.text, start, mark.at);
    return Math.max(bestCut(this.text, start, half, furthest), start + this.lengthAt(start));
  }

  /** Units of the character at a place: a chunk has at least one. */
  private lengthAt(at: number): number {
    return (this.text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  }

  /** Text runs on from page to page, but not from slide to slide or past a heading. */
  private isNewTopic(index: number): boolean {
    const [before, here] = [this.marks[index - 1]?.source, this.marks[index]?.source];
    return before?.heading !== here?.heading || before?.slide !== here?.slide;
  }

  private startOfNext(start: number, end: number, measured: MeasuredText): number {
    const { overlapTokens } = this;
    const isTopicEnd = this.marks.some(({ at }, index) => at === end && this.isNewTopic(index));
    if (overlapTokens === 0 || isTopicEnd || end >= this.text.length) return end;
    for (let limit = overlapTokens; limit > 0; limit -= Math.max(1, Math.ceil(limit / 8))) {
      const next = bestStart(this.text, measured.startOf(start + 1, end, limit), end);
      if (next >= end) return end;
      if (this.counter.count(this.text.slice(next, end)) <= overlapTokens) return next;
    }
    return end;
  }

  private sourceOf(start: number, end: number): ChunkSource {
    const first =
      this.marks[
        Math.max(
          0,
          this.marks.findLastIndex(({ at }) => at <= start),
        )
      ]?.source ?? {};
    const last = this.marks.findLast(({ at }) => at < end)?.source ?? first;
    return {
      ...first,
      ...(last.page !== undefined && last.page !== first.page ? { pageEnd: last.page } : {}),
      ...(last.slide !== undefined && last.slide !== first.slide ? { slideEnd: last.slide } : {}),
    };
  }
}
