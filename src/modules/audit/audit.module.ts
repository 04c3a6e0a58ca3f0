import { Module } from '@nestjs/common';
import { AuditWriter } from './audit-writer.js';

/** Who changed what, written in the transaction of each change. */
@Module({ providers: [AuditWriter], exports: [AuditWriter] })
export class AuditModule {}
