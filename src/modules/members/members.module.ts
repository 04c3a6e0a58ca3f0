import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { AdminDirectory } from './admin-directory.js';
import { AdminLookupRepository } from './admin-lookup.repository.js';
import { AdminTokensRepository } from './admin-tokens.repository.js';
import { AdminTokensService } from './admin-tokens.service.js';
import { MemberTokens } from './member-tokens.js';
import { MembersRepository } from './members.repository.js';
import { MembersService } from './members.service.js';
import { OperatorTokensRepository } from './operator-tokens.repository.js';
import { OperatorTokensService } from './operator-tokens.service.js';

/** Members of a tenant and the `gtad_` tokens of members and operators: who speaks on the admin plane. */
@Module({
  imports: [AuditModule, SessionsModule],
  providers: [
    AdminDirectory,
    AdminLookupRepository,
    MembersService,
    MembersRepository,
    MemberTokens,
    AdminTokensService,
    AdminTokensRepository,
    OperatorTokensService,
    OperatorTokensRepository,
  ],
  exports: [AdminDirectory, MembersService, AdminTokensService, MemberTokens, OperatorTokensService],
})
export class MembersModule {}
