import { Module } from '@nestjs/common';
import { QueueModule } from '../../platform/queue/queue.module.js';
import { KeysModule } from '../keys/keys.module.js';
import { OpenStreams } from './open-streams.js';
import { SocketPlaces } from './socket-places.js';

/**
 * Watches over what stays open: streams of answers, turns that wait, events of files. A right that ends, ends them. And how
 * many WebSockets a key has open.
 */
@Module({
  imports: [KeysModule, QueueModule],
  providers: [OpenStreams, SocketPlaces],
  exports: [OpenStreams, SocketPlaces],
})
export class OpenStreamsModule {}
