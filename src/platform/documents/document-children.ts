import { peakBytes } from './child-watch.js';
import { DocumentChild, type ChildProgram } from './document-child.js';

/** How long a child is kept. */
export interface ChildLife {
  /** Documents that one child reads. */
  readonly maxDocuments: number;
  /** A child that has ever used more memory than this, in bytes, is not used again. Watched on Linux only. */
  readonly keptResidentBytes: number;
  /** How long a child waits for its next document, in milliseconds. */
  readonly idleMs: number;
}

interface Resting {
  readonly child: DocumentChild;
  /** Whose documents it has read. */
  readonly owner: string | undefined;
  readonly timer: NodeJS.Timeout;
}

/**
 * The children of one parser. Starting one costs far more than reading a small document, so one that has read its
 * document well is kept for the next one of the same owner: what a document might leave behind in its child, another
 * owner's document never meets. There are never more children than documents were read at once.
 */
export class DocumentChildren {
  private readonly resting: Resting[] = [];

  constructor(private readonly options: ChildProgram & ChildLife) {}

  /**
   * The owner's child that rests for the shortest time, else a new one. For that, another owner's makes room: the one that
   * rests for the longest time ends.
   * @throws Error when no process can be started.
   */
  async take(owner: string | undefined): Promise<DocumentChild> {
    const own = this.resting.findLast((one) => one.owner === owner);
    const leaving = own ?? this.resting[0];
    if (leaving !== undefined) this.forget(leaving.child);
    if (own === undefined) {
      leaving?.child.kill();
      return DocumentChild.start(this.options);
    }
    own.child.wake();
    return own.child;
  }

  /** Keeps a child that has read its document to the end; ends it when it is used up. */
  async giveBack(child: DocumentChild, owner: string | undefined): Promise<void> {
    const { maxDocuments, keptResidentBytes, idleMs } = this.options;
    const isUsedUp = child.documents >= maxDocuments || (peakBytes(child.pid) ?? 0) > keptResidentBytes;
    if (isUsedUp) return child.end();
    const timer = setTimeout(() => {
      this.forget(child);
      child.kill();
    }, idleMs).unref();
    this.resting.push({ child, owner, timer });
    child.rest();
    if (child.documents === 1) child.onEnd(() => this.forget(child));
  }

  private forget(child: DocumentChild): void {
    const index = this.resting.findIndex((one) => one.child === child);
    if (index === -1) return;
    clearTimeout(this.resting[index]?.timer);
    this.resting.splice(index, 1);
  }
}
