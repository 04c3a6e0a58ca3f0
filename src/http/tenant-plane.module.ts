import { Module } from '@nestjs/common';

/** The doors of the tenant data plane: OpenAI's routes and GT's own. */
@Module({})
export class TenantPlaneModule {}
