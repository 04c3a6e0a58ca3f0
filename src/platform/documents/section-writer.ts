import { writeSync } from 'node:fs';
import { maxPieceLength, type ChildMessage } from './child-protocol.js';
import type { Chunk } from './chunker.js';
import { sameSource, type Section, type SectionSource } from './section.js';

const maxHeadingLength = 500;
const retryMs = 5;
/** So far apart are signs of life, in milliseconds. */
const aliveMs = 1_000;

/**
 * Writes to the parent: sections in pieces of a good size, short ones of one place together and long ones cut; or chunks.
 */
export class SectionWriter {
  private text = '';
  private source: SectionSource = {};
  private percent = -1;
  private aliveAt = 0;

  constructor(private readonly descriptor: number) {}

  add({ text, source }: Section): void {
    if (!sameSource(source, this.source)) this.flush();
    this.source = source;
    this.text += text;
    while (this.text.length >= maxPieceLength) this.write(this.take(lengthOfPiece(this.text)));
  }

  /** A chunk, in a line of its own. */
  chunk(chunk: Chunk): void {
    this.write({ chunk: { ...chunk, source: shortened(chunk.source) } });
  }

  progress(percent: number): void {
    const whole = Math.min(100, Math.floor(percent));
    if (whole <= this.percent) return;
    this.percent = whole;
    this.write({ progress: whole });
  }

  /** Says that the document is being worked on, at most once a second. */
  alive(): void {
    if (performance.now() - this.aliveAt < aliveMs || this.percent === Infinity) return;
    this.aliveAt = performance.now();
    this.write({ alive: true });
  }

  /** The last word. */
  finish(message: Extract<ChildMessage, { end: true } | { failure: string }>): void {
    if ('end' in message) this.flush();
    this.write(message);
    // Progress that arrives late would be taken for the next document's.
    this.percent = Infinity;
  }

  private flush(): void {
    if (this.text !== '') this.write(this.take(this.text.length));
  }

  private take(length: number): ChildMessage {
    const text = this.text.slice(0, length);
    this.text = this.text.slice(length);
    return { text, source: shortened(this.source) };
  }

  /** Writes in one go and waits where the parent does not keep up: so a slow reader slows the parser, not the memory. */
  private write(message: ChildMessage): void {
    const bytes = Buffer.from(`${JSON.stringify(message)}\n`);
    for (let at = 0; at < bytes.length;) {
      try {
        at += writeSync(this.descriptor, bytes, at);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, retryMs);
      }
    }
  }
}

function shortened<S extends SectionSource>(source: S): S {
  return source.heading === undefined ? source : { ...source, heading: source.heading.slice(0, maxHeadingLength) };
}

/** No piece ends between the halves of a character. */
function lengthOfPiece(text: string): number {
  const last = text.charCodeAt(maxPieceLength - 1);
  return last >= 0xd800 && last <= 0xdbff ? maxPieceLength - 1 : maxPieceLength;
}
