/** Where the memory of an unfinished event is counted. */
export interface EventRoom {
  /** Asks for so many bytes in all; false where they cannot be had now. */
  hold(bytes: number): boolean;
  /** The event has come whole and goes on, or is dropped: nothing of it is held here any more. */
  free(): void;
}

/** What a stream's events may take. */
export interface EventLimits {
  /** A longer event ends the stream. */
  readonly maxEventBytes: number;
  /** Asked before much of an unfinished event is held; without it all of it may be. */
  readonly room?: EventRoom | undefined;
}
