import { Controller, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { presentTextPage } from '../../../contracts/lists.js';
import { FileBatchesService, type FileBatchPlace } from '../../../modules/vector-stores/file-batches.service.js';
import { StoreFilesService, type StoreFilePlace } from '../../../modules/vector-stores/store-files.service.js';
import { storeReaderOf } from '../../auth/store-reader.js';
import { recordedAs } from '../../idempotency/recorded-as.js';
import { presentContent, presentFileBatch, presentStoreFile } from '../../presenters/store-file.presenter.js';
import { GtRoute } from '../../routing/gt-route.decorator.js';
import { pathParameter } from '../../routing/path-parameter.js';
import { bodyOf } from '../../routing/row-body.js';
import { queryOf } from '../../routing/row-query.js';

/** OpenAI's clients ask again after so many milliseconds; without it after five seconds. */
const pollAfter = { 'openai-poll-after-ms': '500' } as const;

/** The files of vector stores, one by one and in batches. */
@Controller()
export class VectorStoreFilesController {
  constructor(
    private readonly files: StoreFilesService,
    private readonly batches: FileBatchesService,
  ) {}

  @GtRoute('vector_stores.files.create')
  async create(@Req() request: FastifyRequest) {
    queryOf(request, 'vector_stores.files.create');
    const input = bodyOf(request, 'vector_stores.files.create');
    const recording = recordedAs(request, presentStoreFile);
    return presentStoreFile(await this.files.create(storeReaderOf(request), storeOf(request), input, recording));
  }

  @GtRoute('vector_stores.files.list')
  async list(@Req() request: FastifyRequest) {
    const query = queryOf(request, 'vector_stores.files.list');
    return presentTextPage(await this.files.list(storeReaderOf(request), storeOf(request), query), presentStoreFile);
  }

  @GtRoute('vector_stores.files.get')
  async get(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    queryOf(request, 'vector_stores.files.get');
    const file = presentStoreFile(await this.files.get(storeReaderOf(request), fileOf(request)));
    if (file.status === 'in_progress') void reply.headers(pollAfter);
    return file;
  }

  @GtRoute('vector_stores.files.content')
  async content(@Req() request: FastifyRequest) {
    const { page = '0' } = queryOf(request, 'vector_stores.files.content');
    return presentContent(await this.files.content(storeReaderOf(request), fileOf(request), Number(page)));
  }

  @GtRoute('vector_stores.files.update')
  async update(@Req() request: FastifyRequest) {
    queryOf(request, 'vector_stores.files.update');
    const { attributes } = bodyOf(request, 'vector_stores.files.update');
    const recording = recordedAs(request, presentStoreFile);
    return presentStoreFile(await this.files.update(storeReaderOf(request), fileOf(request), attributes ?? {}, recording));
  }

  @GtRoute('vector_stores.files.delete')
  async delete(@Req() request: FastifyRequest) {
    queryOf(request, 'vector_stores.files.delete');
    const place = fileOf(request);
    await this.files.delete(storeReaderOf(request), place);
    return { id: place.fileId, object: 'vector_store.file.deleted', deleted: true };
  }

  @GtRoute('vector_stores.file_batches.create')
  async createBatch(@Req() request: FastifyRequest) {
    queryOf(request, 'vector_stores.file_batches.create');
    const input = bodyOf(request, 'vector_stores.file_batches.create');
    const recording = recordedAs(request, presentFileBatch);
    return presentFileBatch(await this.batches.create(storeReaderOf(request), storeOf(request), input, recording));
  }

  @GtRoute('vector_stores.file_batches.get')
  async getBatch(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    queryOf(request, 'vector_stores.file_batches.get');
    const batch = presentFileBatch(await this.batches.get(storeReaderOf(request), batchOf(request)));
    if (batch.status === 'in_progress') void reply.headers(pollAfter);
    return batch;
  }

  @GtRoute('vector_stores.file_batches.cancel')
  async cancelBatch(@Req() request: FastifyRequest) {
    queryOf(request, 'vector_stores.file_batches.cancel');
    const recording = recordedAs(request, presentFileBatch);
    return presentFileBatch(await this.batches.cancel(storeReaderOf(request), batchOf(request), recording));
  }

  @GtRoute('vector_stores.file_batches.files.list')
  async listBatch(@Req() request: FastifyRequest) {
    const query = queryOf(request, 'vector_stores.file_batches.files.list');
    return presentTextPage(await this.batches.listFiles(storeReaderOf(request), batchOf(request), query), presentStoreFile);
  }
}

function storeOf(request: FastifyRequest): string {
  return pathParameter(request, 'vector_store_id');
}

function fileOf(request: FastifyRequest): StoreFilePlace {
  return { storeId: storeOf(request), fileId: pathParameter(request, 'file_id') };
}

function batchOf(request: FastifyRequest): FileBatchPlace {
  return { storeId: storeOf(request), batchId: pathParameter(request, 'batch_id') };
}
