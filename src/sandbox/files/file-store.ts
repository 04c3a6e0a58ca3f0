/** A file as it is kept. Of a large one only the beginning is. */
export interface StoredFile {
  readonly id: string;
  readonly filename: string;
  readonly purpose: string;
  readonly createdAt: number;
  readonly bytes: number;
  readonly beginning: Buffer;
}

const mostFiles = 10_000;
const mostBytes = 256 * 1024 * 1024;

/** So much of each file is kept. */
export const keptBytes = 16 * 1024 * 1024;

/** The last 10,000 files of one sandbox, fewer where what is kept of them comes to more than 256 MiB. */
export class FileStore {
  private readonly files = new Map<string, StoredFile>();
  private bytes = 0;

  get(id: string): StoredFile | undefined {
    return this.files.get(id);
  }

  /** The newest first. */
  all(): readonly StoredFile[] {
    return [...this.files.values()].reverse();
  }

  keep(file: StoredFile): void {
    this.files.set(file.id, file);
    this.bytes += file.beginning.length;
    for (const id of this.files.keys()) {
      if (id === file.id || (this.files.size <= mostFiles && this.bytes <= mostBytes)) return;
      this.remove(id);
    }
  }

  /** @returns false when there is none. */
  remove(id: string): boolean {
    this.bytes -= this.files.get(id)?.beginning.length ?? 0;
    return this.files.delete(id);
  }
}
