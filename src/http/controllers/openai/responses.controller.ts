import { Controller, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../../kernel/app-error.js';
import { ResponsesService } from '../../../modules/responses/responses.service.js';
import { conversationOwnerOf } from '../../auth/conversation-owner.js';
import { GtRoute } from '../../routing/gt-route.decorator.js';
import { pathParameter } from '../../routing/path-parameter.js';
import { queryOf } from '../../routing/row-query.js';

const jsonType = 'application/json; charset=utf-8';

/** Stored responses, as OpenAI has them. They are made by the relay. */
@Controller()
export class ResponsesController {
  constructor(private readonly responses: ResponsesService) {}

  @GtRoute('responses.get')
  async get(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const { stream } = queryOf(request, 'responses.get');
    const object = await this.responses.get(conversationOwnerOf(request), pathParameter(request, 'response_id'));
    if (stream === 'true') {
      const message = 'Only a response that runs in the background can be streamed again.';
      throw new AppError('invalid_value', { param: 'stream', message });
    }
    void reply.type(jsonType);
    return object;
  }

  @GtRoute('responses.delete')
  async delete(@Req() request: FastifyRequest) {
    queryOf(request, 'responses.delete');
    const id = pathParameter(request, 'response_id');
    await this.responses.delete(conversationOwnerOf(request), id);
    return { id, object: 'response', deleted: true };
  }

  @GtRoute('responses.input_items.list')
  async inputItems(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const query = queryOf(request, 'responses.input_items.list');
    const id = pathParameter(request, 'response_id');
    const { rows, hasMore } = await this.responses.inputItems(conversationOwnerOf(request), id, query);
    void reply.type(jsonType);
    const ends = JSON.stringify({ first_id: rows[0]?.id ?? '', last_id: rows.at(-1)?.id ?? '', has_more: hasMore });
    return `{"object":"list","data":[${rows.map(({ json }) => json).join(',')}],${ends.slice(1)}`;
  }
}
