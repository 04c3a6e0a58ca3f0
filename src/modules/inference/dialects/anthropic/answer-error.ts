import { isFields, type Fields } from '../../../../kernel/fields.js';

/** An error that the provider tells in an event or an answer of good status, in the form of chat. */
export function errorOf({ error }: Fields): Fields {
  const { message, type } = isFields(error) ? error : {};
  const words = [message, type].find((text) => typeof text === 'string' && text !== '');
  return { error: { message: words ?? 'The provider ended the answer with an error.' } };
}
