import { Controller, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { presentPage } from '../../../contracts/lists.js';
import { conversationHeader } from '../../../modules/conversations/conversation-name.js';
import { ConversationsService } from '../../../modules/conversations/conversations.service.js';
import { FileIntake } from '../../../modules/files/intake/file-intake.js';
import type { FileRecord } from '../../../modules/files/record/file-record.js';
import { FilesService } from '../../../modules/files/files.service.js';
import { conversationOwnerOf } from '../../auth/conversation-owner.js';
import { identityOf } from '../../auth/identity.js';
import { recordedAs } from '../../idempotency/recorded-as.js';
import { ConversationNaming } from '../../uploads/conversation-naming.js';
import { presentDeleted } from '../../presenters/deleted.presenter.js';
import { presentFile } from '../../presenters/file.presenter.js';
import { GtRoute } from '../../routing/gt-route.decorator.js';
import { pathParameter } from '../../routing/path-parameter.js';
import { formFieldsOf } from '../../routing/row-body.js';
import { queryOf } from '../../routing/row-query.js';
import { isRetry, UploadReader, uploaderOf } from '../../uploads/upload-reader.js';

/** The files of the key's conversations. */
@Controller()
export class ConversationFilesController {
  constructor(
    private readonly conversations: ConversationsService,
    private readonly naming: ConversationNaming,
    private readonly files: FilesService,
    private readonly intake: FileIntake,
    private readonly uploads: UploadReader,
  ) {}

  @GtRoute('conversations.files.create')
  async create(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const file = await this.uploads.receive(request, {
      fields: formFieldsOf(request, 'conversations.files.create'),
      before: () => {
        queryOf(request, 'conversations.files.create');
        return this.naming.refuseByHeader(request);
      },
      take: async ({ fields, content }) => {
        const owner = await this.naming.resolve(request, fields);
        return this.intake.accept(
          { ...uploaderOf(request), owner, isRetry: isRetry(request) },
          content,
          recordedAs(request, presentFile, headersOf),
        );
      },
    });
    void reply.headers(headersOf(file));
    return presentFile(file);
  }

  @GtRoute('conversations.files.list')
  async list(@Req() request: FastifyRequest) {
    const query = queryOf(request, 'conversations.files.list');
    const { id, tenantId } = await this.conversation(request);
    return presentPage(await this.files.listOf(tenantId, { conversationId: id }, query), presentFile);
  }

  @GtRoute('conversations.files.delete')
  async delete(@Req() request: FastifyRequest) {
    queryOf(request, 'conversations.files.delete');
    const { id } = await this.conversation(request);
    const fileId = pathParameter(request, 'file_id');
    await this.files.delete(identityOf(request).key, { conversationId: id }, fileId);
    return presentDeleted('file', fileId);
  }

  private conversation(request: FastifyRequest) {
    return this.conversations.get(conversationOwnerOf(request), pathParameter(request, 'conversation_id'));
  }
}

function headersOf({ conversationId }: FileRecord): Record<string, string> {
  return { [conversationHeader]: conversationId ?? '' };
}
