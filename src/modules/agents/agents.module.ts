import { Module } from '@nestjs/common';
import { EndpointDirectoryRepository } from './endpoint-directory.repository.js';
import { EndpointDirectory } from './endpoint-directory.js';

/**
 * Agents, their immutable revisions and the endpoints that publish them. The endpoint directory is what inference
 * reads: all that a tenant has published, in memory.
 */
@Module({ providers: [EndpointDirectory, EndpointDirectoryRepository], exports: [EndpointDirectory] })
export class AgentsModule {}
