import { createBrotliDecompress, createGunzip, createInflate, type BrotliDecompress, type Gunzip, type Inflate } from 'node:zlib';

/** Where decoded bytes go, and how the encoded ones are held back. */
export interface DecodedBodyUser {
  onData(chunk: Buffer): void;
  onEnd(): void;
  onBroken(error: Error): void;
  pauseSource(): void;
  resumeSource(): void;
}

/**
 * Decodes a body that a provider, or a proxy in front of it, encoded although it was asked not to. At most a few chunks are
 * held: the source waits while the decoder is full, the decoder while its user is paused. So a small body that decodes to
 * gigabytes meets the same limits as one that was sent so.
 */
export class DecodedBody {
  private constructor(
    private readonly decoder: Gunzip | Inflate | BrotliDecompress,
    private readonly user: DecodedBodyUser,
  ) {
    decoder.on('data', (chunk: Buffer) => user.onData(chunk));
    decoder.on('end', () => user.onEnd());
    decoder.on('error', (error) => user.onBroken(error));
    decoder.on('drain', () => user.resumeSource());
  }

  /** Undefined for an encoding that nobody reads here. */
  static of(encoding: string, user: DecodedBodyUser): DecodedBody | undefined {
    const name = encoding.trim().toLowerCase();
    if (name === 'gzip' || name === 'x-gzip') return new DecodedBody(createGunzip(), user);
    if (name === 'deflate') return new DecodedBody(createInflate(), user);
    return name === 'br' ? new DecodedBody(createBrotliDecompress(), user) : undefined;
  }

  write(chunk: Buffer): void {
    if (!this.decoder.write(chunk)) this.user.pauseSource();
  }

  end(): void {
    this.decoder.end();
  }

  pause(): void {
    this.decoder.pause();
  }

  resume(): void {
    this.decoder.resume();
  }

  /** Nothing is told any more. */
  destroy(): void {
    this.decoder.removeAllListeners('data').removeAllListeners('end').destroy();
  }
}
