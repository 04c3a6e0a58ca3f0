import { dropBytes } from '../../kernel/drop-bytes.js';

/** More chunks than the parser and the storage ever hold back; what a form has around its file is not kept for longer. */
const mostChunks = 64;

/**
 * Gives the memory of an upload's chunks back as soon as the storage has written them. Left to the garbage collector they
 * pile up while the processor is busy elsewhere: six uploads of 96 MiB then held 600 MB.
 *
 * No byte of the file stands further back in the form than in the file. So once as many bytes of the file are written as
 * the form had when a chunk ended, nothing of that chunk is needed any more, neither by the parser nor by the storage.
 */
export class ChunkMemory {
  private readonly chunks: { readonly bytes: Buffer; readonly end: number }[] = [];
  private arrivedBytes = 0;

  /** The form's next chunk. Nobody but its parser may hold it. */
  arrive(bytes: Buffer): void {
    this.arrivedBytes += bytes.length;
    this.chunks.push({ bytes, end: this.arrivedBytes });
    if (this.chunks.length > mostChunks) this.chunks.shift();
  }

  /** So many bytes of the form's one file are written. */
  written(bytes: number): void {
    while ((this.chunks[0]?.end ?? Infinity) <= bytes) {
      const chunk = this.chunks.shift();
      if (chunk !== undefined) dropBytes(chunk.bytes);
    }
  }
}
