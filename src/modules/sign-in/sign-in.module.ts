import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { ConnectionsModule } from '../connections/connections.module.js';
import { MembersModule } from '../members/members.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { CredentialsRepository } from './credentials.repository.js';
import { LinkLookupRepository } from './link-lookup.repository.js';
import { MemberLinksRepository } from './member-links.repository.js';
import { MemberLinksService } from './member-links.service.js';
import { OidcSecrets } from './oidc/oidc-secrets.js';
import { OidcServers } from './oidc/oidc-servers.js';
import { OidcSettingsService } from './oidc/oidc-settings.service.js';
import { OidcSignInService } from './oidc/oidc-sign-in.service.js';
import { OidcRepository } from './oidc/oidc.repository.js';
import { OwnSignInService } from './own-sign-in.service.js';
import { Passwords } from './passwords.js';
import { SecondFactor } from './second-factor.js';
import { SessionStarts } from './session-starts.js';
import { SignInService } from './sign-in.service.js';
import { SignInTries } from './sign-in-tries.js';

/** How people come in: passwords, second factors, links. */
@Module({
  imports: [AuditModule, ConnectionsModule, MembersModule, SessionsModule],
  providers: [
    CredentialsRepository,
    LinkLookupRepository,
    MemberLinksRepository,
    MemberLinksService,
    OidcRepository,
    OidcSecrets,
    OidcServers,
    OidcSettingsService,
    OidcSignInService,
    OwnSignInService,
    Passwords,
    SecondFactor,
    SessionStarts,
    SignInService,
    SignInTries,
  ],
  exports: [SignInService, OwnSignInService, MemberLinksService, OidcSettingsService, OidcSignInService],
})
export class SignInModule {}
