import { isFields, type Fields } from '../../../../kernel/fields.js';
import { withFiles, type NamedFile, type SentFiles } from '../../call/named-files.js';
import { listForeignIds, type ForeignId } from '../../wire/foreign-ids.js';
import type { JsonBody } from '../../wire/json-body.js';
import { chatPart } from './items-to-chat.js';

/** Where a message of a chat names a file. */
const place = /^messages\[\d+\]\.content\[\d+\]\.file\.file_id$/;

/** True for the id of a file in a part of a message. */
export function isNamedFile({ kind, param }: ForeignId): boolean {
  return kind === 'file' && place.test(param);
}

/** The files that the messages name. Asked only for a body in which such a name was seen. */
export function filesOfChat(body: JsonBody): NamedFile[] {
  return listForeignIds(body).filter(isNamedFile);
}

/** The messages with the files that they name. */
export function messagesWithFiles(messages: readonly unknown[], files: SentFiles): unknown[] {
  return messages.map((message) => {
    if (!isFields(message) || !Array.isArray(message['content'])) return message;
    const content = (message['content'] as unknown[]).map((part) => (isFields(part) ? partWithFile(part, files) : part));
    return { ...message, content };
  });
}

function partWithFile(part: Fields, files: SentFiles): Fields {
  const { type, file } = part;
  if (type !== 'file' || !isFields(file) || typeof file['file_id'] !== 'string') return part;
  const { content } = withFiles({ content: [{ type: 'input_file', file_id: file['file_id'] }] }, files);
  const [sent] = content as Fields[];
  return (sent === undefined ? undefined : chatPart(sent)) ?? part;
}
