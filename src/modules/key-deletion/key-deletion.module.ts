import { Module } from '@nestjs/common';
import { FilesModule } from '../files/files.module.js';
import { KeptThoughtsModule } from '../kept-thoughts/kept-thoughts.module.js';
import { KeysModule } from '../keys/keys.module.js';
import { ResponsesModule } from '../responses/responses.module.js';
import { StoredCompletionsModule } from '../stored-completions/stored-completions.module.js';
import { KeyDeletionService } from './key-deletion.service.js';

/** The deletion of keys with what belongs to them. Apart from the keys, since files and conversations depend on those. */
@Module({
  imports: [FilesModule, KeptThoughtsModule, KeysModule, ResponsesModule, StoredCompletionsModule],
  providers: [KeyDeletionService],
  exports: [KeyDeletionService],
})
export class KeyDeletionModule {}
