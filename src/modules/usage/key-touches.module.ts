import { Module } from '@nestjs/common';
import { KeyTouches } from './key-touches.js';

/** What keys used, until the drain writes it: for all who judge what a call needs of its key. */
@Module({
  providers: [{ provide: KeyTouches, useFactory: () => new KeyTouches() }],
  exports: [KeyTouches],
})
export class KeyTouchesModule {}
