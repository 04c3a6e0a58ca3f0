import { factsOfWire } from '../../../contracts/wires.js';
import { AppError } from '../../../kernel/app-error.js';
import type { ToolCall } from '../../kept-thoughts/tool-call.js';
import type { CallPlan } from '../call/call-plan.js';
import { readPlannedJson } from '../call/planned-json.js';
import type { DialectAsked } from '../dialects/dialect.js';
import { usualTypes } from '../dialects/asked/taken-types.js';
import { printExact } from '../wire/exact-json.js';
import { dialects } from './dialects.js';
import { contentElsewhere, replaceableAddresses, type ReplaceableAddress } from './fetched-contents.js';
import { chatOverDialect, embeddingsOverDialect, withHintsOfAnswer } from './over-dialect.js';
import { unsignedCalls } from './unsigned-calls.js';

/** A call that is about to be said in the words of its provider's own wire. */
export interface Speech {
  /** Calls of tools that it brings without what the provider wants back with them, the newest first. */
  readonly unsigned: readonly ToolCall[];
  /** Addresses in it whose contents the provider may have to be given; of a package's wire, the package decides. */
  readonly addresses: readonly ReplaceableAddress[];
  /**
   * The call as its provider is asked.
   * @param addresses those of them whose contents are put in.
   * @throws AppError unsupported_parameter for what that wire cannot say; invalid_value.
   */
  said(kept: DialectAsked['kept'], addresses: readonly ReplaceableAddress[]): CallPlan;
}

/**
 * How a call is said anew; undefined where it goes as it was planned.
 * @throws AppError unsupported_modality for what the provider's wire does not have; invalid_value, invalid_request.
 */
export function speechOf(plan: CallPlan): Speech | undefined {
  const { connection, paths } = plan.target;
  const { dialect: name, basePath, namedPaths } = connection;
  if (plan.counted !== undefined) return undefined;
  if (name === undefined) return plan.namesFileAddresses === true ? withFiles(plan) : undefined;
  const dialect = dialects[name];
  const refusalStatus = dialect?.refusalStatus;
  if (plan.path === paths.chat && dialect !== undefined) {
    const chat = readPlannedJson(plan, 'messages');
    return {
      unsigned: unsignedCalls(chat, dialect.chat),
      addresses: replaceableAddresses(plan, chat, (address) => dialect.chat.typesFor?.(address, chat['model'])),
      said: (kept, addresses) =>
        hinted(name, {
          ...chatOverDialect({ plan, chat, addresses }, dialect.chat, basePath, { path: namedPaths.chat, kept }),
          refusalStatus,
        }),
    };
  }
  const { embeddings } = dialect ?? {};
  if (plan.path !== paths.embeddings || embeddings === undefined) throw new AppError('unsupported_modality');
  return {
    unsigned: [],
    addresses: [],
    said: () =>
      hinted(name, { ...embeddingsOverDialect(plan, embeddings, basePath, { path: namedPaths.embeddings }), refusalStatus }),
  };
}

/** A chat of OpenAI's form, in which files stand as bytes alone. */
function withFiles(plan: CallPlan): Speech {
  const chat = readPlannedJson(plan, 'messages');
  return {
    unsigned: [],
    addresses: replaceableAddresses(plan, chat, (address) => (address.of === 'file' ? usualTypes(address) : undefined)),
    said: (_kept, addresses) => ({
      ...plan,
      elsewhere: contentElsewhere(plan, chat, addresses, (filled) => Buffer.from(printExact(filled))),
    }),
  };
}

/** What a package has left out is known only when it answers. */
function hinted(wire: string, plan: CallPlan): CallPlan {
  return factsOfWire(wire).package === undefined ? plan : withHintsOfAnswer(plan);
}
