import { isFields, type Fields } from '../../../../kernel/fields.js';

/** An address of an image or a file in the messages of a chat. */
export interface ChatAddress {
  readonly url: string;
  readonly of: 'image' | 'file';
  /** It stands in the result of a tool. */
  readonly inResult: boolean;
  /** It was said since the model spoke last. */
  readonly isNew: boolean;
  readonly place: string;
  /** The message and the part of it. */
  readonly at: readonly [message: number, part: number];
}

/** What stands in the place of a content that is gone since it was named. */
const gone: Fields = { type: 'text', text: '[A file that is no longer available.]' };

/** The http and https addresses in what users and tools say, in their order. */
export function addressesOf({ messages }: Fields): readonly ChatAddress[] {
  if (!Array.isArray(messages)) return [];
  const roles = (messages as unknown[]).map((message) => (isFields(message) ? message['role'] : undefined));
  const spoke = roles.lastIndexOf('assistant');
  return (messages as unknown[]).flatMap((message, at): ChatAddress[] => {
    const role = roles[at];
    if (!isFields(message) || !Array.isArray(message['content'])) return [];
    const inResult = role === 'tool' || role === 'function';
    if (role !== 'user' && !inResult) return [];
    return (message['content'] as unknown[]).flatMap((part, number): ChatAddress[] => {
      const told = isFields(part) ? addressIn(part) : undefined;
      if (told === undefined) return [];
      const { name, ...address } = told;
      const place = `messages[${at}].content[${number}].${name}`;
      return [{ ...address, inResult, isNew: at > spoke, place, at: [at, number] }];
    });
  });
}

/**
 * The chat with contents in the places of addresses.
 * @param contents as `data:` addresses, in the order of `addresses`; undefined for one that is gone.
 */
export function withContents(chat: Fields, addresses: readonly ChatAddress[], contents: readonly (string | undefined)[]): Fields {
  if (addresses.length === 0) return chat;
  const messages = [...(chat['messages'] as Fields[])];
  const copied = new Map<number, Fields[]>();
  for (const [index, { at }] of addresses.entries()) {
    const [message, number] = at;
    const said = messages[message] as Fields;
    const parts = copied.get(message) ?? [...(said['content'] as Fields[])];
    if (!copied.has(message)) messages[message] = { ...said, content: parts };
    copied.set(message, parts);
    parts[number] = filled(parts[number] as Fields, contents[index]);
  }
  return { ...chat, messages };
}

function addressIn({
  type,
  image_url: image,
  file,
}: Fields): (Pick<ChatAddress, 'url' | 'of'> & { readonly name: string }) | undefined {
  if (type === 'image_url') {
    const url = isFields(image) ? image['url'] : image;
    return isAddress(url) ? { url, of: 'image', name: 'image_url.url' } : undefined;
  }
  if (type !== 'file' || !isFields(file) || !isAddress(file['file_url'])) return undefined;
  return { url: file['file_url'], of: 'file', name: 'file.file_url' };
}

function isAddress(value: unknown): value is string {
  return typeof value === 'string' && /^https?:\/\//i.test(value);
}

function filled(part: Fields, content: string | undefined): Fields {
  if (content === undefined) return gone;
  const { type, image_url: image, file } = part;
  if (type === 'image_url') return { ...part, image_url: { ...(isFields(image) ? image : {}), url: content } };
  const { file_url: _address, ...rest } = isFields(file) ? file : {};
  return { ...part, file: { ...rest, file_data: content } };
}
