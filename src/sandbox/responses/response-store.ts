import type { ChatMessage } from '../chat-messages.js';
import type { JsonObject } from '../request-fields.js';

/** A response as it is kept for `previous_response_id` and for reading it again. */
export interface StoredResponse {
  readonly id: string;
  readonly response: JsonObject;
  /** The whole conversation up to and with its output, without instructions. */
  readonly messages: readonly ChatMessage[];
  readonly output: readonly JsonObject[];
  /** About how much memory the conversation takes. */
  readonly bytes: number;
}

const mostResponses = 1000;
const mostBytes = 64 * 1024 * 1024;

/** The last 1,000 stored responses of one sandbox, fewer where they come to more than 64 MiB; the newest is always kept. */
export class ResponseStore {
  private readonly responses = new Map<string, StoredResponse>();
  private readonly items = new Map<string, JsonObject>();
  private bytes = 0;

  get(id: string): StoredResponse | undefined {
    return this.responses.get(id);
  }

  /** The output item with this id, of any stored response. */
  item(id: string): JsonObject | undefined {
    return this.items.get(id);
  }

  keep(stored: StoredResponse): void {
    this.responses.set(stored.id, stored);
    this.bytes += stored.bytes;
    for (const item of stored.output) this.items.set(String(item['id']), item);
    for (const id of this.responses.keys()) {
      if (id === stored.id || (this.responses.size <= mostResponses && this.bytes <= mostBytes)) return;
      this.remove(id);
    }
  }

  /** @returns false when there is none. */
  remove(id: string): boolean {
    const stored = this.responses.get(id);
    if (stored === undefined) return false;
    this.bytes -= stored.bytes;
    for (const item of stored.output) this.items.delete(String(item['id']));
    return this.responses.delete(id);
  }
}
