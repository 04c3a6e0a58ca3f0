/** Samples in a second, of one channel, in every format but Opus, which always counts in 48,000. */
export const sampleRate = 24_000;

/** How one format is written: a head and frames that follow each other, all of it without sound or with one tone. */
export interface AudioFormat {
  readonly contentType: string;
  /** How long the sound of one frame is, in milliseconds. */
  readonly frameMs: number;
  /** The least that one frame takes. */
  readonly frameBytes: number;
  /** What stands before the first frame of a file with so many frames. */
  readonly head: (frames: number) => Buffer;
  readonly frame: (index: number, frames: number) => Buffer;
}

/** The file of so many frames in `count` pieces, made one after the other while they are taken. */
export function* audioPieces(format: AudioFormat, frames: number, count: number): Generator<Buffer> {
  let held = [format.head(frames)];
  for (let index = 0; index < frames; index += 1) {
    held.push(format.frame(index, frames));
    if (Math.floor(((index + 1) * count) / frames) === Math.floor((index * count) / frames)) continue;
    yield Buffer.concat(held);
    held = [];
  }
}
