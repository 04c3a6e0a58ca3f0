import { Module } from '@nestjs/common';
import { KeyDirectory } from './key-directory.js';
import { KeyLookupRepository } from './key-lookup.repository.js';

/**
 * Keys: what they grant (key-facts), who a secret is (key-directory), and their life on the admin plane.
 * The permission function itself stands in catalog/decide.ts.
 */
@Module({ providers: [KeyDirectory, KeyLookupRepository], exports: [KeyDirectory] })
export class KeysModule {}
