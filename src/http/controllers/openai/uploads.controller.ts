import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { UploadCompletion } from '../../../modules/files/uploads/upload-completion.service.js';
import { UploadParts } from '../../../modules/files/uploads/upload-parts.service.js';
import { UploadsService } from '../../../modules/files/uploads/uploads.service.js';
import { identityOf } from '../../auth/identity.js';
import { recordedAs } from '../../idempotency/recorded-as.js';
import { presentUpload, presentUploadPart } from '../../presenters/upload.presenter.js';
import { GtRoute } from '../../routing/gt-route.decorator.js';
import { pathParameter } from '../../routing/path-parameter.js';
import { bodyOf, formFieldsOf } from '../../routing/row-body.js';
import { queryOf } from '../../routing/row-query.js';
import { isRetry, UploadReader, uploaderOf } from '../../uploads/upload-reader.js';

/** Files that come in parts. `GET /uploads/{id}` stands with the files. */
@Controller()
export class UploadsController {
  constructor(
    private readonly uploads: UploadsService,
    private readonly parts: UploadParts,
    private readonly completion: UploadCompletion,
    private readonly reader: UploadReader,
  ) {}

  @GtRoute('uploads.create')
  async create(@Req() request: FastifyRequest) {
    queryOf(request, 'uploads.create');
    const body = bodyOf(request, 'uploads.create');
    return presentUpload(await this.uploads.create(uploaderOf(request), body, recordedAs(request, presentUpload)));
  }

  @GtRoute('uploads.parts.create')
  async addPart(@Req() request: FastifyRequest) {
    const id = pathParameter(request, 'upload_id');
    const part = await this.reader.receive(request, {
      form: 'part',
      fields: formFieldsOf(request, 'uploads.parts.create'),
      before: () => {
        queryOf(request, 'uploads.parts.create');
        // Its answer may be recorded: what it says is known only when it has come.
        if (request.headers['idempotency-key'] !== undefined) return Promise.resolve();
        return this.parts.refuse(identityOf(request).key.tenantId, id, isRetry(request));
      },
      // What the whole file is, its first part tells when it is completed.
      mediaTypeOf: () => Promise.resolve(''),
      take: ({ content }) =>
        this.parts.add(uploaderOf(request), id, content, isRetry(request), recordedAs(request, presentUploadPart)),
    });
    return presentUploadPart(part);
  }

  @GtRoute('uploads.complete')
  async complete(@Req() request: FastifyRequest) {
    queryOf(request, 'uploads.complete');
    const body = bodyOf(request, 'uploads.complete');
    const id = pathParameter(request, 'upload_id');
    return presentUpload(await this.completion.complete(uploaderOf(request), id, body, recordedAs(request, presentUpload)));
  }

  @GtRoute('uploads.cancel')
  async cancel(@Req() request: FastifyRequest) {
    queryOf(request, 'uploads.cancel');
    const id = pathParameter(request, 'upload_id');
    return presentUpload(await this.uploads.cancel(identityOf(request).key.tenantId, id, recordedAs(request, presentUpload)));
  }
}
