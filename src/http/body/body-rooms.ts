import { dropBytes } from '../../kernel/drop-bytes.js';

/** Smallest and largest room that is kept; what is larger is rare enough to be made anew. */
const smallestBytes = 64 * 1024;
const largestBytes = 1024 * 1024;
/** All rooms that wait for their next use, of all tenants. */
const idleBytes = 32 * 1024 * 1024;
/** How long they wait. */
const idleMs = 10_000;

interface Idle {
  readonly rooms: Buffer[];
  usedAt: number;
}

/**
 * Memory for large bodies that is used again instead of being left to the garbage collector, which would run over the
 * whole heap for every few hundred of them. A room only ever serves one tenant: what was left in it can be nobody else's.
 */
export class BodyRooms {
  private readonly byTenant = new Map<string, Idle>();
  private heldBytes = 0;
  private timer: NodeJS.Timeout | undefined;

  /** At least so many bytes, with anything in them that this tenant once sent. */
  take(tenantId: string | undefined, bytes: number): Buffer {
    const size = roomSize(bytes);
    const idle = tenantId === undefined ? undefined : this.byTenant.get(tenantId);
    const at = idle?.rooms.findLastIndex(({ length }) => length === size) ?? -1;
    if (idle === undefined || at === -1) return Buffer.allocUnsafeSlow(size);
    const [room] = idle.rooms.splice(at, 1) as [Buffer];
    this.heldBytes -= size;
    return room;
  }

  /** Takes a room back that nobody reads or writes any more. */
  giveBack(tenantId: string, room: Buffer): void {
    if (room.length < smallestBytes || room.length > largestBytes || this.heldBytes + room.length > idleBytes) return;
    const idle = this.byTenant.get(tenantId) ?? { rooms: [], usedAt: 0 };
    this.byTenant.set(tenantId, idle);
    idle.rooms.push(room);
    idle.usedAt = performance.now();
    this.heldBytes += room.length;
    this.timer ??= setInterval(() => this.clear(), idleMs).unref();
  }

  /** Gives up the rooms of tenants that have sent nothing large for a while. */
  private clear(): void {
    const oldest = performance.now() - idleMs;
    for (const [tenantId, { rooms, usedAt }] of this.byTenant) {
      if (usedAt > oldest) continue;
      this.byTenant.delete(tenantId);
      for (const room of rooms) {
        this.heldBytes -= room.length;
        dropBytes(room);
      }
    }
    if (this.byTenant.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }
}

/** Powers of two, so that bodies of about one size find each other's rooms; beyond the largest as it is. */
function roomSize(bytes: number): number {
  if (bytes > largestBytes) return bytes;
  return Math.max(2 ** Math.ceil(Math.log2(bytes)), smallestBytes);
}
