import type { BestHits } from './best-hits.js';
import type { PassageSet } from './passage-set.js';
import { normalise, scalarProduct } from './vector-math.js';

/** The vectors of one file's ingestion in memory, each of length one: a chunk's score is then a scalar product. */
export class Segment {
  private readonly vectors: Float32Array;
  private readonly ordinals: Int32Array;
  private used = 0;

  constructor(
    readonly set: PassageSet,
    /** The set's version, of whose chunks these are the vectors. */
    readonly version: string,
    readonly dimensions: number,
    chunks: number,
  ) {
    this.vectors = new Float32Array(chunks * dimensions);
    this.ordinals = new Int32Array(chunks);
  }

  get bytes(): number {
    return this.vectors.byteLength + this.ordinals.byteLength;
  }

  /** Takes up a chunk's vector; one of another length or without a direction is left out. */
  add(ordinal: number, vector: Float32Array): void {
    if (vector.length !== this.dimensions || this.used === this.ordinals.length) return;
    const at = this.used * this.dimensions;
    this.vectors.set(vector, at);
    if (!normalise(this.vectors, at, this.dimensions)) return;
    this.ordinals[this.used] = ordinal;
    this.used += 1;
  }

  /** Offers every chunk's score. `query` has the length one. */
  scan(query: Float32Array, best: BestHits): void {
    if (query.length !== this.dimensions) return;
    for (let chunk = 0; chunk < this.used; chunk += 1) {
      best.offer(this.set, this.ordinals[chunk] ?? 0, scalarProduct(this.vectors, chunk * this.dimensions, query));
    }
  }
}
