/** What is known of a call: what is given back with it, or that nothing is. */
export interface Known {
  readonly content: Buffer | undefined;
}

interface Entry extends Known {
  /** An answer has made the call; otherwise the database was asked in vain. */
  readonly isAnswered: boolean;
  readonly until: number;
}

interface Room {
  /** By marks, the one that was used last at the end. */
  readonly entries: Map<string, Entry>;
  bytes: number;
}

/** What an entry takes beside its content. */
const entryBytes = 300;

/**
 * What one process remembers of calls. When it is full, the tenant that takes most room gives up what it has not used for
 * longest: no tenant can push out what another one has that takes less.
 */
export class ThoughtMemory {
  private readonly rooms = new Map<string, Room>();
  private usedBytes = 0;

  /** @param now a clock in milliseconds that never goes back. */
  constructor(
    private readonly maxBytes: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Bytes that all tenants hold together. */
  get heldBytes(): number {
    return this.usedBytes;
  }

  /** @returns undefined when nothing is known of the call. */
  get(tenantId: string, mark: string): Known | undefined {
    const entry = this.take(tenantId, mark);
    if (entry !== undefined) this.put(tenantId, mark, entry);
    return entry;
  }

  /**
   * An answer has made the call. What a second one makes under the same mark is neither's.
   * @returns what is given back with the call from now on.
   */
  answered(tenantId: string, mark: string, content: Buffer | undefined, forMs: number): Buffer | undefined {
    const isSecond = this.take(tenantId, mark)?.isAnswered === true;
    const given = isSecond ? undefined : content;
    this.put(tenantId, mark, { content: given, isAnswered: true, until: this.now() + forMs });
    return given;
  }

  /** The database was asked. What was answered meanwhile is not forgotten. */
  read(tenantId: string, mark: string, content: Buffer | undefined, forMs: number): void {
    const known = this.take(tenantId, mark);
    const entry = { content, isAnswered: content !== undefined, until: this.now() + forMs };
    this.put(tenantId, mark, known?.isAnswered === true ? known : entry);
  }

  /** Removes an entry; one whose time is over is none. */
  private take(tenantId: string, mark: string): Entry | undefined {
    const room = this.rooms.get(tenantId);
    const entry = room?.entries.get(mark);
    if (room === undefined || entry === undefined) return undefined;
    room.entries.delete(mark);
    const bytes = bytesOf(entry);
    this.usedBytes -= bytes;
    room.bytes -= bytes;
    if (room.entries.size === 0) this.rooms.delete(tenantId);
    return entry.until > this.now() ? entry : undefined;
  }

  private put(tenantId: string, mark: string, entry: Entry): void {
    let room = this.rooms.get(tenantId);
    if (room === undefined) this.rooms.set(tenantId, (room = { entries: new Map(), bytes: 0 }));
    room.entries.set(mark, entry);
    const bytes = bytesOf(entry);
    this.usedBytes += bytes;
    room.bytes += bytes;
    while (this.usedBytes > this.maxBytes) this.giveUpOne();
  }

  private giveUpOne(): void {
    let most: [tenantId: string, room: Room] | undefined;
    for (const one of this.rooms) if (most === undefined || one[1].bytes > most[1].bytes) most = one;
    const oldest = most?.[1].entries.keys().next().value;
    if (most !== undefined && oldest !== undefined) this.take(most[0], oldest);
  }
}

function bytesOf({ content }: Entry): number {
  return entryBytes + (content?.length ?? 0);
}
