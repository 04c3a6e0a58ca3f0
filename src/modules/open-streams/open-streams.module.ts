import { Module } from '@nestjs/common';
import { KeysModule } from '../keys/keys.module.js';
import { OpenStreams } from './open-streams.js';

/** Watches over what stays open: streams of answers, turns that wait, events of files. A right that ends, ends them. */
@Module({
  imports: [KeysModule],
  providers: [OpenStreams],
  exports: [OpenStreams],
})
export class OpenStreamsModule {}
