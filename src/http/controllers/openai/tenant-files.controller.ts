import { Controller, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { presentTextPage } from '../../../contracts/lists.js';
import { FileIntake } from '../../../modules/files/intake/file-intake.js';
import { anyMediaType, refuseForPurpose } from '../../../modules/files/intake/file-types.js';
import { keptSecondsOf } from '../../../modules/files/record/tenant-file.js';
import { TenantFiles } from '../../../modules/files/tenant/tenant-files.service.js';
import { OpenStreams } from '../../../modules/open-streams/open-streams.js';
import { allowedCall } from '../../auth/allowed-call.js';
import { identityOf } from '../../auth/identity.js';
import { recordedAs } from '../../idempotency/recorded-as.js';
import { presentDeleted } from '../../presenters/deleted.presenter.js';
import { presentFile } from '../../presenters/file.presenter.js';
import { contentHeaders } from '../../reply/content-headers.js';
import { GtRoute } from '../../routing/gt-route.decorator.js';
import { pathParameter } from '../../routing/path-parameter.js';
import { formFieldsOf } from '../../routing/row-body.js';
import { queryOf } from '../../routing/row-query.js';
import { isRetry, UploadReader, uploaderOf } from '../../uploads/upload-reader.js';

/** The files of `POST /files`: they belong to the tenant. */
@Controller()
export class TenantFilesController {
  constructor(
    private readonly files: TenantFiles,
    private readonly intake: FileIntake,
    private readonly uploads: UploadReader,
    private readonly open: OpenStreams,
  ) {}

  @GtRoute('files.create')
  async create(@Req() request: FastifyRequest) {
    const file = await this.uploads.receive(request, {
      fields: formFieldsOf(request, 'files.create'),
      before: () => Promise.resolve(queryOf(request, 'files.create')),
      mediaTypeOf: anyMediaType,
      take: ({ fields: { purpose, expires_after }, content }) => {
        refuseForPurpose(purpose, content.mediaType);
        return this.intake.accept(
          {
            ...uploaderOf(request),
            owner: { kind: 'file', purpose },
            isRetry: isRetry(request),
            keptSeconds: keptSecondsOf(purpose, expires_after?.seconds),
          },
          content,
          recordedAs(request, presentFile),
        );
      },
    });
    return presentFile(file);
  }

  @GtRoute('files.list')
  async list(@Req() request: FastifyRequest) {
    const query = queryOf(request, 'files.list');
    return presentTextPage(await this.files.list(identityOf(request).key.tenantId, query), presentFile);
  }

  /** The content as it was sent, or the range of it that is asked for. Ends when the key may not read it any more. */
  @GtRoute('files.content')
  async content(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    queryOf(request, 'files.content');
    const file = await this.files.get(identityOf(request).key.tenantId, pathParameter(request, 'file_id'));
    const { status, headers, range } = contentHeaders(request.headers, { ...file, bytes: Number(file.bytes) });
    const content = await this.files.open(file, range);
    const forget = this.open.add({ ...allowedCall(request), abort: (error) => void content.destroy(error) });
    content.once('close', forget);
    await reply.code(status).headers(headers).send(content);
  }

  @GtRoute('files.delete')
  async delete(@Req() request: FastifyRequest) {
    queryOf(request, 'files.delete');
    const id = pathParameter(request, 'file_id');
    await this.files.delete(identityOf(request).key.tenantId, id);
    return presentDeleted('file', id);
  }
}
