import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { KeyReportObject } from '../../../contracts/key-report.js';
import { presentPage } from '../../../contracts/lists.js';
import { KeyFindingsService, type ReportedKey } from '../../../modules/key-hygiene/key-findings.service.js';
import { Actors } from '../../auth/actor.js';
import { presentKey } from '../../presenters/key.presenter.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { adminQueryOf } from '../../routing/row-query.js';

/** The door of the report on keys. */
@Controller()
export class KeyReportController {
  constructor(
    private readonly keys: KeyFindingsService,
    private readonly actors: Actors,
  ) {}

  @AdminRoute('key-report.list')
  async list(@Req() request: FastifyRequest) {
    const query = adminQueryOf(request, 'key-report.list');
    return presentPage(await this.keys.report(await this.actors.of(request), query), present);
  }
}

function present({ view, findings, unusedScopes, narrowestPreset }: ReportedKey): KeyReportObject {
  const { id, name, state, last_used_at, expires_at, created_at } = presentKey(view);
  return {
    object: 'key_report',
    id,
    name,
    state,
    findings: [...findings],
    unused_scopes: [...unusedScopes],
    narrowest_preset: narrowestPreset,
    last_used_at,
    expires_at,
    created_at,
  };
}
