import type { Fields } from '../../../kernel/fields.js';
import { askedParam } from '../call/member-names.js';
import type { CallPlan } from '../call/call-plan.js';
import type { ContentElsewhere } from '../call/content-elsewhere.js';
import { addressesOf, withContents, type ChatAddress } from '../dialects/asked/chat-addresses.js';

/** An address of a chat in whose place bytes may stand, of these media types. */
export interface ReplaceableAddress extends ChatAddress {
  readonly types: ReadonlySet<string>;
}

/** How long a content may be whose place is only to be tried out. */
const anyBytes = 'AA==';

/**
 * The addresses of a chat whose contents its provider may have to be given, where the agent has them fetched.
 * @param typesFor what may stand in the place of an address; undefined where it stays as it is.
 */
export function replaceableAddresses(
  { endpoint }: Pick<CallPlan, 'endpoint'>,
  chat: Fields,
  typesFor: (address: ChatAddress) => ReadonlySet<string> | undefined,
): readonly ReplaceableAddress[] {
  if (endpoint.agent?.fetch_addresses !== true) return [];
  return addressesOf(chat).flatMap((address) => {
    const types = typesFor(address);
    return types === undefined ? [] : [{ ...address, types }];
  });
}

/** The chat as it will be, with something in each place that is only filled later: to be judged before anything is fetched. */
export function triedOut(chat: Fields, addresses: readonly ReplaceableAddress[]): Fields {
  const contents = addresses.map(({ types }) => `data:${[...types][0] ?? ''};base64,${anyBytes}`);
  return withContents(chat, addresses, contents);
}

/**
 * What a call has to be given from elsewhere; undefined where that is nothing.
 * @param plan as it was planned: where it is not said yet what the client calls the messages, and whether they have moved.
 * @param body prints the call of a chat that has the contents in it.
 */
export function contentElsewhere(
  { memberNames = [], inputMoved }: Pick<CallPlan, 'memberNames' | 'inputMoved'>,
  chat: Fields,
  addresses: readonly ReplaceableAddress[],
  body: (chat: Fields) => Buffer,
): ContentElsewhere | undefined {
  if (addresses.length === 0) return undefined;
  return {
    addresses: addresses.map(({ url, types, isNew, place }) => ({
      url,
      types,
      isNew,
      param: askedParam(inputMoved === true ? 'messages' : place, memberNames),
    })),
    body: (contents) => body(withContents(chat, addresses, contents)),
  };
}
