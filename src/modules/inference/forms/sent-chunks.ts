import { dropBytes } from '../../../kernel/drop-bytes.js';

/**
 * Gives the memory of chunks back as soon as the bytes cut from them were taken by the kernel. Left to the garbage collector
 * they pile up while the processor is busy elsewhere.
 */
export class SentChunks {
  private readonly chunks: { readonly bytes: Buffer; readonly end: number }[] = [];

  /** Of this chunk nothing stands behind `end` in what is sent. Nobody else may hold it. */
  add(bytes: Buffer, end: number): void {
    this.chunks.push({ bytes, end });
  }

  /** So many of the first bytes are sent. */
  sent(bytes: number): void {
    while ((this.chunks[0]?.end ?? Infinity) <= bytes) {
      const chunk = this.chunks.shift();
      if (chunk !== undefined) dropBytes(chunk.bytes);
    }
  }
}
