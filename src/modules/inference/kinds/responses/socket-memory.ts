import type { PrintedItem } from '../../../responses/response-record.js';

/** So many responses are remembered. */
const maxResponses = 32;
/** So many bytes their items may have together. */
const maxBytes = 16 * 1024 * 1024;

/** Where the memory of a socket counts. */
export interface MemoryRoom {
  /** Counts bytes; false when there is no room for them. */
  take(bytes: number): boolean;
  giveBack(bytes: number): void;
}

/**
 * What one socket remembers of its responses that are kept nowhere else: the items of the newest ones, from which further
 * responses of the same socket go on. It is bounded; the oldest are forgotten first. Items that several have count once.
 */
export class SocketMemory {
  private readonly responses = new Map<string, readonly PrintedItem[]>();
  /** How many responses have an item, and its bytes. */
  private readonly held = new Map<PrintedItem, { holders: number; readonly bytes: number }>();
  private bytes = 0;

  constructor(private readonly room: MemoryRoom) {}

  /** All items up to the end of a response; undefined for one that is not remembered. */
  chain(id: string): readonly PrintedItem[] | undefined {
    return this.responses.get(id);
  }

  /** Remembers a response, where there is room for it. */
  keep(id: string, items: readonly PrintedItem[]): void {
    this.forget(id);
    for (const item of items) if (!this.hold(item)) return this.release(items.slice(0, items.indexOf(item)));
    this.responses.set(id, items);
    while (this.responses.size > maxResponses || this.bytes > maxBytes) {
      const [oldest] = this.responses.keys();
      if (oldest === undefined) return;
      this.forget(oldest);
    }
  }

  forget(id: string): void {
    const items = this.responses.get(id);
    if (items === undefined) return;
    this.responses.delete(id);
    this.release(items);
  }

  /** Forgets everything. */
  clear(): void {
    for (const id of [...this.responses.keys()]) this.forget(id);
  }

  private hold(item: PrintedItem): boolean {
    const known = this.held.get(item);
    if (known !== undefined) known.holders += 1;
    else {
      const bytes = Buffer.byteLength(item.json);
      if (!this.room.take(bytes)) return false;
      this.bytes += bytes;
      this.held.set(item, { holders: 1, bytes });
    }
    return true;
  }

  private release(items: readonly PrintedItem[]): void {
    for (const item of items) {
      const known = this.held.get(item);
      if (known === undefined) continue;
      known.holders -= 1;
      if (known.holders > 0) continue;
      this.held.delete(item);
      this.bytes -= known.bytes;
      this.room.giveBack(known.bytes);
    }
  }
}
