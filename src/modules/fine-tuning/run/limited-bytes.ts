import { Transform, type TransformCallback } from 'node:stream';
import { ProviderFault } from '../../provider-jobs/provider-fault.js';

/** Passes so many bytes on; more are a fault of the provider's. */
export class LimitedBytes extends Transform {
  private passed = 0;

  constructor(private readonly most: number) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.passed += chunk.length;
    if (this.passed > this.most) done(new ProviderFault('unreadable', false, 'The file is too large.'));
    else done(null, chunk);
  }
}
