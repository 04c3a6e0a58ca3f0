import type { Conversation } from '../../platform/database/generated/client.js';

/** A conversation's row. */
export type ConversationRecord = Conversation;

/** Whose conversations are meant: they belong to the key, not to its tenant as a whole. */
export interface ConversationOwner {
  readonly tenantId: string;
  readonly keyId: string;
}

/** An item in OpenAI's form, with an id of ours. */
export interface StoredItem {
  readonly id: string;
  readonly type: string;
  readonly [member: string]: unknown;
}

/** An item with its place in the conversation. */
export interface PlacedItem {
  readonly position: bigint;
  readonly item: StoredItem;
}

/** A call of a tool that a conversation holds, or the result of one. */
export interface HeldCall {
  readonly callId: string;
  readonly isResult: boolean;
}

/** What a conversation holds of what it is asked about. */
export interface HeldItems {
  readonly ids: ReadonlySet<string>;
  /** The oldest first. */
  readonly calls: readonly HeldCall[];
}
