import { Module } from '@nestjs/common';
import { AdminDirectory } from './admin-directory.js';
import { AdminLookupRepository } from './admin-lookup.repository.js';

/** Members of a tenant and the `gtad_` tokens of members and operators: who speaks on the admin plane. */
@Module({ providers: [AdminDirectory, AdminLookupRepository], exports: [AdminDirectory] })
export class MembersModule {}
