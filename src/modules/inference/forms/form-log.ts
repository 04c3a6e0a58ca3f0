import { overloaded } from '../../../kernel/app-error.js';
import type { ShareBudget } from '../../../kernel/share-budget.js';
import type { IncomingParts } from '../../../platform/storage/incoming-parts.js';
import type { PartFile } from '../../../platform/storage/part-file.js';

/** Up to here it is held in memory. */
const memoryBytes = 64 * 1024;
/** How much is read at once. */
const pieceBytes = 64 * 1024;
/** In such steps the tenant's share is asked for. */
const stepBytes = 1024 * 1024;

/** The bytes of a form that have come and are not sent yet: a few in memory, more in a file of the spool folder. */
export class FormLog {
  private size = 0;
  private pending: Buffer[] = [];
  private memory: Buffer[] = [];
  private file: PartFile | undefined;
  private granted = 0;
  private isClosed = false;

  constructor(
    private readonly files: IncomingParts,
    private readonly budget: ShareBudget,
    private readonly tenantId: string,
  ) {}

  /** Bytes so far. */
  get length(): number {
    return this.size;
  }

  /** Adds bytes, which must stay as they are until `settle` is done. */
  append(bytes: Buffer): void {
    this.pending.push(bytes);
    this.size += bytes.length;
  }

  /** Takes over what was added. @throws AppError overloaded: the disk is full, or the tenant's share of the folder is. */
  async settle(): Promise<void> {
    const pieces = this.pending;
    this.pending = [];
    if (pieces.length === 0) return;
    if (this.file === undefined && this.size <= memoryBytes) {
      this.memory.push(Buffer.concat(pieces));
      return;
    }
    const { size } = this;
    if (size > this.granted) {
      const wanted = Math.ceil((size - this.granted) / stepBytes) * stepBytes;
      if (!this.budget.take(this.tenantId, wanted)) throw overloaded();
      this.granted += wanted;
    }
    const file = this.file ?? (await this.openFile());
    await written(file, [...this.memory.splice(0), ...pieces]);
  }

  /** What stands from one place up to another, piece by piece. Each piece is the reader's. */
  async *read(from: number, to: number): AsyncGenerator<Buffer> {
    const { file } = this;
    if (file === undefined) {
      if (to > from) yield Buffer.concat(this.memory).subarray(from, to);
      return;
    }
    for (let at = from; at < to; at += pieceBytes) {
      const piece = Buffer.allocUnsafeSlow(Math.min(pieceBytes, to - at));
      await file.read(piece, at);
      yield piece;
    }
  }

  /** Removes the file and gives the share back. Never rejects. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    this.memory = [];
    await this.file?.discard();
    this.budget.giveBack(this.tenantId, this.granted);
  }

  private async openFile(): Promise<PartFile> {
    const file = await this.files.open();
    this.file = file;
    if (this.isClosed) await file.discard();
    return file;
  }
}

/** Writes the pieces; done when the system has them. @throws AppError overloaded. */
async function written({ stream }: PartFile, pieces: readonly Buffer[]): Promise<void> {
  await Promise.all(
    pieces.map(
      (piece) =>
        new Promise<void>((resolve, reject) => {
          stream.write(piece, (error) => {
            if (error == null) resolve();
            else reject(error);
          });
        }),
    ),
  );
}
