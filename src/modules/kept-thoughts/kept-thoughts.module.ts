import { Module } from '@nestjs/common';
import { KeptThoughtsRepository } from './kept-thoughts.repository.js';
import { KeptThoughts } from './kept-thoughts.service.js';

/**
 * What providers want back of a model's thoughts with its calls of tools, for clients that drop it: kept for a day within
 * the key, in the database for all processes and in the memory of the one that answered.
 */
@Module({
  providers: [KeptThoughts, KeptThoughtsRepository],
  exports: [KeptThoughts, KeptThoughtsRepository],
})
export class KeptThoughtsModule {}
