import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Config } from '../../config/config.module.js';
import type { RequestForm } from '../../modules/inference/call/request-form.js';
import { FormReceiver } from '../../modules/inference/forms/form-receiver.js';
import { OpenStreams } from '../../modules/open-streams/open-streams.js';
import { allowedCall } from '../auth/allowed-call.js';
import { claimUpload } from '../idempotency/claim-upload.js';
import { maxBodyBytes } from './multipart-headers.js';
import { RequestBytes } from './request-bytes.js';
import { uploadBounds } from './upload-bounds.js';

/** The header that names a model in place of the form. */
const agentHeader = 'x-openclaw-agent-id';

/** Takes the forms of inference calls in, as far as is needed before the call can be made. */
@Injectable()
export class RelayForms {
  private readonly maxBytes: number;

  constructor(
    private readonly receiver: FormReceiver,
    private readonly openStreams: OpenStreams,
    config: Config,
  ) {
    this.maxBytes = maxBodyBytes(uploadBounds(config));
  }

  /**
   * The form of a request, when it can be sent; with an `Idempotency-Key` it is whole by then, and the key is claimed.
   * Nothing of it stays when the request is over. As long as it comes, its key must go on being allowed to send it.
   * @throws AppError 400, 401, 408, 413, 503, and what `claimUpload` throws.
   */
  async receive(request: FastifyRequest, reply: FastifyReply): Promise<RequestForm> {
    const { gt, headers, raw } = request;
    const call = allowedCall(request);
    const isRepeatable = gt.idempotency !== undefined;
    const source = new RequestBytes(raw, { maxBytes: this.maxBytes });
    const leave = this.openStreams.watch({ ...call, abort: (error) => source.fail(error) });
    raw.once('end', leave);
    const over = (): void => {
      leave();
      source.stop();
    };
    if (reply.raw.destroyed) over();
    else reply.raw.once('close', over);
    const form = await this.receiver.open({
      tenantId: call.identity.key.tenantId,
      contentType: headers['content-type'] ?? '',
      source,
      namesModel: headers[agentHeader] === undefined || headers[agentHeader] === '',
      isHashed: isRepeatable,
    });
    if (reply.raw.destroyed) await form.close();
    else reply.raw.once('close', () => void form.close());
    if (!isRepeatable) {
      await form.opened();
      return form;
    }
    await form.whole();
    const files = form.arrived.map(({ name, filename = '', hash }) => ({
      field: name,
      filename,
      sha256: hash?.digest('hex') ?? '',
    }));
    await claimUpload(request, { fields: {}, files });
    return form;
  }
}
