import { Controller, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { cancelled } from '../../../modules/inference/background/shown-response.js';
import { StoredStreams } from '../../../modules/inference/background/stored-streams.js';
import { ExchangeTools } from '../../../modules/inference/exchange/exchange-tools.js';
import { BackgroundService } from '../../../modules/responses/background/background.service.js';
import { ResponsesService } from '../../../modules/responses/responses.service.js';
import { conversationOwnerOf } from '../../auth/conversation-owner.js';
import { identityOf } from '../../auth/identity.js';
import { openReplySink } from '../../idempotency/recorded-reply-sink.js';
import { recordedAs } from '../../idempotency/recorded-as.js';
import { sendJson } from '../../reply/json-text.js';
import { GtRoute } from '../../routing/gt-route.decorator.js';
import { pathParameter } from '../../routing/path-parameter.js';
import { queryOf } from '../../routing/row-query.js';

/** Stored responses, as OpenAI has them. They are made by the relay. */
@Controller()
export class ResponsesController {
  constructor(
    private readonly responses: ResponsesService,
    private readonly background: BackgroundService,
    private readonly streams: StoredStreams,
    private readonly tools: ExchangeTools,
  ) {}

  /** With `stream=true` the events of one that was made in the background, as they were sent, and as they come. */
  @GtRoute('responses.get')
  async get(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { stream, starting_after: after = -1 } = queryOf(request, 'responses.get');
    const [owner, id] = [conversationOwnerOf(request), pathParameter(request, 'response_id')];
    if (stream !== 'true') {
      const object = await this.responses.get(owner, id);
      void reply.send(sendJson(reply, this.tools.replies, owner.tenantId, object));
      return;
    }
    await this.background.state(owner, id, 'stream');
    const { gt } = request;
    const call = { identity: identityOf(request), ip: gt.ip, startedAt: gt.startedAt, routeId: 'responses.get' } as const;
    const sink = openReplySink(request, reply, this.tools.replies);
    this.streams.follow({ tenantId: owner.tenantId, id }, after, call, sink, { isHead: request.method === 'HEAD' });
  }

  @GtRoute('responses.cancel')
  async cancel(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    queryOf(request, 'responses.cancel');
    const recording = recordedAs<string>(request, (object) => JSON.parse(object));
    const owner = conversationOwnerOf(request);
    const object = await this.background.cancel(
      owner,
      pathParameter(request, 'response_id'),
      (held) => cancelled(held.object, held.lastNumber),
      recording,
    );
    return sendJson(reply, this.tools.replies, owner.tenantId, object);
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
    const [owner, id] = [conversationOwnerOf(request), pathParameter(request, 'response_id')];
    const { rows, hasMore } = await this.responses.inputItems(owner, id, query);
    const ends = JSON.stringify({ first_id: rows[0]?.id ?? '', last_id: rows.at(-1)?.id ?? '', has_more: hasMore });
    const list = `{"object":"list","data":[${rows.map(({ json }) => json).join(',')}],${ends.slice(1)}`;
    return sendJson(reply, this.tools.replies, owner.tenantId, list);
  }
}
