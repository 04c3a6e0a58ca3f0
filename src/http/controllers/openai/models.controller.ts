import { Controller, Param, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { isListed, listingNeed } from '../../../catalog/decide.js';
import { resolveSpelling } from '../../../catalog/spellings.js';
import { AppError } from '../../../kernel/app-error.js';
import { TunedModels } from '../../../modules/fine-tuning/models/tuned-models.service.js';
import { EndpointDirectory, findEndpoint } from '../../../modules/agents/endpoint-directory.js';
import { KeyTouches } from '../../../modules/usage/key-touches.js';
import { presentDeleted } from '../../presenters/deleted.presenter.js';
import { presentModel } from '../../presenters/model.presenter.js';
import { identityOf } from '../../auth/identity.js';
import { GtRoute } from '../../routing/gt-route.decorator.js';
import { queryOf } from '../../routing/row-query.js';

/** The model list: exactly what the key may call, by the permission function itself. */
@Controller()
export class ModelsController {
  constructor(
    private readonly endpoints: EndpointDirectory,
    private readonly tuned: TunedModels,
    private readonly touches: KeyTouches,
  ) {}

  @GtRoute('models.list')
  async list(@Req() request: FastifyRequest) {
    const { key, tenant } = identityOf(request);
    const { byName } = await this.endpoints.of(tenant.id);
    const listed = [...byName.values()].filter((endpoint) => isListed(key, endpoint)).sort((a, b) => (a.name < b.name ? -1 : 1));
    return { object: 'list', data: listed.map((endpoint) => presentModel(endpoint, tenant.slug)) };
  }

  /** Spellings are not listed but answered, to a key that may use what they mean. */
  @GtRoute('models.get')
  async get(@Req() request: FastifyRequest, @Param('*') name: string) {
    const { key, tenant } = identityOf(request);
    const endpoint = findEndpoint(await this.endpoints.of(tenant.id), resolveSpelling(name));
    if (endpoint === undefined || !isListed(key, endpoint)) {
      throw new AppError('model_not_found', {
        param: 'model',
        message: `The model \`${name}\` does not exist or you do not have access to it.`,
      });
    }
    this.touches.rely(key, [listingNeed(endpoint)]);
    return presentModel(endpoint, tenant.slug, name);
  }

  @GtRoute('models.delete')
  async delete(@Req() request: FastifyRequest, @Param('*') name: string) {
    queryOf(request, 'models.delete');
    const { requestId, ip } = request.gt;
    await this.tuned.delete(identityOf(request), name, { requestId, address: ip });
    return presentDeleted('model', name);
  }
}
