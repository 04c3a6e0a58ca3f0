import { Breather } from '../../../kernel/breather.js';
import { FoldedText } from './folded-text.js';

/** Units of terms between two pauses of the building. */
const unitsAtOnce = 4_096;
const ROOT = 0;
const firstNodes = 1_024;

/**
 * Finds out whether one of many terms stands in a text, in one pass however many they are (Aho and Corasick's automaton over
 * folded texts). A term is found as a whole: not within a longer word, where its script writes words apart.
 */
export class TermMatcher {
  /** The way from a node by a unit, as `node * 65,536 + unit`. */
  private readonly ways = new Map<number, number>();
  /** Of each node: the node of the longest end of its text that begins a term too. */
  private otherwise = new Int32Array(firstNodes);
  private parent = new Int32Array(firstNodes);
  private unit = new Uint16Array(firstNodes);
  /** A term ends at the node, or at one of those to which it leads otherwise. */
  private ends = new Uint8Array(firstNodes);
  private nodes = 1;
  /** How many ways were looked for so far: by this the work of a text is measured. */
  looks = 0;

  private constructor() {
    // Made by `of`, which pauses.
  }

  /** Builds one, in slices. */
  static async of(terms: readonly string[]): Promise<TermMatcher> {
    const matcher = new TermMatcher();
    const breather = new Breather();
    let since = 0;
    for (const term of terms) {
      matcher.put(term);
      since += term.length;
      if (since < unitsAtOnce) continue;
      since = 0;
      await breather.pause();
    }
    for (const node of matcher.breadthFirst()) {
      matcher.link(node);
      if (node % unitsAtOnce === 0) await breather.pause();
    }
    return matcher;
  }

  /** A reading of one text. */
  read(): TermReading {
    return new TermReading(this);
  }

  /** The node behind a unit. The work of a whole text grows with its length: who falls back has come forward before. */
  next(node: number, unit: number): number {
    for (let from = node; ; from = this.otherwise[from] as number) {
      this.looks += 1;
      const way = this.ways.get(from * 65_536 + unit);
      if (way !== undefined) return way;
      if (from === ROOT) return ROOT;
    }
  }

  isEnd(node: number): boolean {
    return this.ends[node] === 1;
  }

  private put(term: string): void {
    let node = ROOT;
    const folded = new FoldedText((unit) => {
      node = this.ways.get(node * 65_536 + unit) ?? this.add(node, unit);
    });
    folded.push(term);
    folded.end();
    // A term of nothing that is seen is in no text.
    if (node !== ROOT) this.ends[node] = 1;
  }

  private add(parent: number, unit: number): number {
    const node = this.nodes;
    if (node === this.parent.length) this.grow();
    this.parent[node] = parent;
    this.unit[node] = unit;
    this.ways.set(parent * 65_536 + unit, node);
    this.nodes += 1;
    return node;
  }

  private grow(): void {
    const size = 2 * this.parent.length;
    this.otherwise = copied(new Int32Array(size), this.otherwise);
    this.parent = copied(new Int32Array(size), this.parent);
    this.unit = copied(new Uint16Array(size), this.unit);
    this.ends = copied(new Uint8Array(size), this.ends);
  }

  /** All nodes but the root, those nearer to it first. */
  private breadthFirst(): Int32Array {
    const depth = new Int32Array(this.nodes);
    const first = new Int32Array(this.nodes + 1);
    // A node is added behind its parent, so one pass tells all depths.
    for (let node = 1; node < this.nodes; node += 1) {
      const own = (depth[this.parent[node] as number] as number) + 1;
      depth[node] = own;
      first[own + 1] = (first[own + 1] ?? 0) + 1;
    }
    for (let at = 1; at < first.length; at += 1) first[at] = (first[at] as number) + (first[at - 1] as number);
    const order = new Int32Array(this.nodes - 1);
    for (let node = 1; node < this.nodes; node += 1) {
      const own = depth[node] as number;
      const place = first[own] as number;
      first[own] = place + 1;
      order[place] = node;
    }
    return order;
  }

  private link(node: number): void {
    const parent = this.parent[node] as number;
    const other = parent === ROOT ? ROOT : this.next(this.otherwise[parent] as number, this.unit[node] as number);
    this.otherwise[node] = other;
    if (this.ends[other] === 1) this.ends[node] = 1;
  }
}

/** One text on its way through a matcher; it may come in pieces. */
export class TermReading {
  private node = ROOT;
  private found = false;
  private readonly folded: FoldedText;
  /** Reads the same text with its escapes, from the first on. */
  private unescaped: TermReading | undefined;

  constructor(
    private readonly matcher: TermMatcher,
    private readonly readsEscapes = false,
  ) {
    this.folded = new FoldedText((unit) => {
      this.node = matcher.next(this.node, unit);
      if (matcher.isEnd(this.node)) this.found = true;
    }, readsEscapes);
  }

  /** @returns true once a term has come whole. */
  push(piece: string): boolean {
    this.folded.push(piece);
    if (!this.readsEscapes && (this.unescaped !== undefined || piece.includes('\\'))) {
      this.unescaped ??= new TermReading(this.matcher, true);
      if (this.unescaped.push(piece)) this.found = true;
    }
    return this.found;
  }

  /** The text has ended. @returns true when it held a term. */
  end(): boolean {
    this.folded.end();
    if (this.unescaped?.end() === true) this.found = true;
    return this.found;
  }
}

function copied<T extends Int32Array | Uint16Array | Uint8Array>(into: T, from: T): T {
  into.set(from);
  return into;
}
