import { Module } from '@nestjs/common';
import { TenantsModule } from '../modules/tenants/tenants.module.js';
import { Actors } from './auth/actor.js';

/** The doors of the admin plane. */
@Module({ imports: [TenantsModule], controllers: [], providers: [Actors] })
export class AdminModule {}
