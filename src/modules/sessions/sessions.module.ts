import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { OperatorSessionsRepository } from './operator-sessions.repository.js';
import { SessionDirectory } from './session-directory.js';
import { SessionLookupRepository } from './session-lookup.repository.js';
import { SessionsRepository } from './sessions.repository.js';
import { SessionsService } from './sessions.service.js';

/** Who is signed in: the sessions of members and operators. */
@Module({
  imports: [AuditModule],
  providers: [SessionDirectory, SessionLookupRepository, SessionsRepository, OperatorSessionsRepository, SessionsService],
  exports: [SessionDirectory, SessionsRepository, OperatorSessionsRepository, SessionsService],
})
export class SessionsModule {}
