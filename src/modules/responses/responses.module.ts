import { Module } from '@nestjs/common';
import { ResponsesRepository } from './responses.repository.js';
import { ResponsesService } from './responses.service.js';

/** Responses that are kept: their objects, and their items, from which further responses go on. */
@Module({ providers: [ResponsesRepository, ResponsesService], exports: [ResponsesRepository, ResponsesService] })
export class ResponsesModule {}
