import type { Readable, Writable } from 'node:stream';

/** Part of an object, both ends included, as in HTTP's Range; without `end`, to its last byte. */
export interface ByteRange {
  readonly start?: number;
  readonly end?: number;
}

export interface ObjectFacts {
  readonly bytes: number;
  readonly modifiedAtMs: number;
}

export interface ListedObject extends ObjectFacts {
  readonly key: string;
}

/**
 * One object on its way in. Nobody sees it before it is committed, and nothing of it stays when it is not: whoever
 * began it calls `commit` or `abort`, and `abort` after a commit that failed is allowed and does nothing more.
 */
export interface ObjectWriter {
  /** Takes the content, at the pace of the disk. Its errors are AppErrors: `overloaded`. */
  readonly stream: Writable;
  /**
   * Ends the content and makes it the object of this key, in one step for every reader. When it returns, the object
   * outlives the death of the process and, as far as the driver's storage keeps its promises, of the machine.
   * @throws AppError `overloaded` when it could not be stored; then nothing of it is left.
   */
  commit(key: string): Promise<void>;
  /** Drops the content. After a commit it does nothing; it never throws. */
  abort(): Promise<void>;
}

/**
 * Where the content of files lives. Keys are two ids (object-key.ts); another form is refused by a
 * RangeError, whatever the operation. Storage that does not answer is an AppError `overloaded`.
 */
export abstract class ObjectStore {
  /** Begins an object; its key is named when it is committed. */
  abstract beginWrite(): Promise<ObjectWriter>;
  /** The content, or undefined when there is no such object. A range that begins past the end gives no bytes. */
  abstract openRead(key: string, range?: ByteRange): Promise<Readable | undefined>;
  /** Size and time of an object; undefined when there is none. */
  abstract stat(key: string): Promise<ObjectFacts | undefined>;
  /** Removes an object; nothing happens when there is none. */
  abstract delete(key: string): Promise<void>;
  /** Removes all objects of a tenant; the prefix is `<tenant id>/`. */
  abstract deletePrefix(prefix: string): Promise<void>;
  /**
   * All objects of a tenant (`<tenant id>/`), under an installation (its id), or of everyone (an empty prefix), in no
   * order. Made for sweeps.
   */
  abstract list(prefix: string): AsyncGenerator<ListedObject, void>;
  /**
   * Removes what dead processes left of unfinished uploads on this machine and, of one installation, in the bucket; returns
   * how many. Safe while uploads are running.
   */
  abstract sweep(installation?: string): Promise<number>;
  /**
   * Says in the storage whose an installation's objects are, unless it is said already; of any number of callers one
   * succeeds.
   * @returns what is said there now.
   */
  abstract claim(installation: string, owner: string): Promise<string>;
  /** What is said there of an installation now; null when nothing is. */
  abstract owner(installation: string): Promise<string | null>;
  /** Says it whatever was said before. */
  abstract reclaim(installation: string, owner: string): Promise<void>;
  /** Returns when the storage takes and gives data now. @throws AppError `overloaded` when it does not. */
  abstract ping(): Promise<void>;
  /** Aborts what is unfinished and lets go of files and connections. */
  abstract close(): Promise<void>;
}

/** @throws RangeError when the range is none. */
export function checkRange({ start = 0, end = Number.MAX_SAFE_INTEGER }: ByteRange): void {
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || end < start)
    throw new RangeError('Not a range of bytes.');
}
