import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../../../catalog/admin/admin-identity.js';
import { presentPage } from '../../../contracts/lists.js';
import { providerIds } from '../../../contracts/providers.js';
import { ConnectionsHealth } from '../../../modules/connections/circuit/connections-health.js';
import { ConnectionProbeService } from '../../../modules/connections/connection-probe.service.js';
import { ConnectionLoginsService } from '../../../modules/connections/login/connection-logins.service.js';
import type { ConnectionRecord } from '../../../modules/connections/connection-record.js';
import { ConnectionsService } from '../../../modules/connections/connections.service.js';
import { Actors } from '../../auth/actor.js';
import { presentLogin } from '../../presenters/connection-login.presenter.js';
import { presentConnection, presentConnectionTest, presentProviderModels } from '../../presenters/connection.presenter.js';
import { presentDeleted } from '../../presenters/deleted.presenter.js';
import { presentProvider } from '../../presenters/provider.presenter.js';
import { AdminRoute } from '../../routing/gt-route.decorator.js';
import { pathParameter } from '../../routing/path-parameter.js';
import { adminBodyOf } from '../../routing/row-body.js';
import { adminQueryOf } from '../../routing/row-query.js';

/** The doors of connections. */
@Controller()
export class ConnectionsController {
  constructor(
    private readonly connections: ConnectionsService,
    private readonly probe: ConnectionProbeService,
    private readonly logins: ConnectionLoginsService,
    private readonly health: ConnectionsHealth,
    private readonly actors: Actors,
  ) {}

  @AdminRoute('connections.list')
  async list(@Req() request: FastifyRequest) {
    const query = adminQueryOf(request, 'connections.list');
    const actor = await this.actors.of(request);
    const page = await this.connections.list(actor, query);
    const health = await this.healthOf(actor, page.rows);
    return presentPage(page, (connection) => presentConnection(connection, health.get(connection.id)));
  }

  @AdminRoute('connections.create')
  async create(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'connections.create');
    const input = adminBodyOf(request, 'connections.create');
    const actor = await this.actors.of(request, input.tenant);
    return presentConnection(await this.connections.create(actor, input));
  }

  @AdminRoute('connections.get')
  async get(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'connections.get');
    const actor = await this.actors.of(request);
    return this.present(actor, await this.connections.get(actor, pathParameter(request, 'id')));
  }

  @AdminRoute('connections.update')
  async update(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'connections.update');
    const input = adminBodyOf(request, 'connections.update');
    const actor = await this.actors.of(request, input.tenant);
    return this.present(actor, await this.connections.update(actor, pathParameter(request, 'id'), input));
  }

  @AdminRoute('connections.delete')
  async delete(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'connections.delete');
    const id = pathParameter(request, 'id');
    await this.connections.delete(await this.actors.of(request), id);
    return presentDeleted('connection', id);
  }

  @AdminRoute('connections.test')
  async test(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'connections.test');
    const { tenant } = adminBodyOf(request, 'connections.test');
    return presentConnectionTest(await this.probe.test(await this.actors.of(request, tenant), pathParameter(request, 'id')));
  }

  @AdminRoute('connections.login')
  async login(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'connections.login');
    const input = adminBodyOf(request, 'connections.login');
    const actor = await this.actors.of(request, input.tenant);
    return presentLogin(await this.logins.begin(actor, pathParameter(request, 'id'), input));
  }

  @AdminRoute('connections.login.complete')
  async completeLogin(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'connections.login.complete');
    const input = adminBodyOf(request, 'connections.login.complete');
    const actor = await this.actors.of(request, input.tenant);
    return presentLogin(await this.logins.complete(actor, pathParameter(request, 'id'), input));
  }

  @AdminRoute('connections.logout')
  async logout(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'connections.logout');
    const { tenant } = adminBodyOf(request, 'connections.logout');
    return presentLogin(await this.logins.logout(await this.actors.of(request, tenant), pathParameter(request, 'id')));
  }

  @AdminRoute('connections.models')
  async models(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'connections.models');
    return presentProviderModels(await this.probe.models(await this.actors.of(request), pathParameter(request, 'id')));
  }

  /** The same for everybody, and all on one page. */
  @AdminRoute('providers.list')
  providers(@Req() request: FastifyRequest) {
    adminQueryOf(request, 'providers.list');
    return presentPage({ rows: providerIds, hasMore: false }, presentProvider);
  }

  private healthOf({ tenantId }: Actor, connections: readonly ConnectionRecord[]) {
    return this.health.of(
      tenantId,
      connections.map(({ id }) => id),
    );
  }

  private async present(actor: Actor, connection: ConnectionRecord) {
    return presentConnection(connection, (await this.healthOf(actor, [connection])).get(connection.id));
  }
}
