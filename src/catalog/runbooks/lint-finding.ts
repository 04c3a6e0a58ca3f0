/** What a rule has found in a row. */
export interface Finding {
  readonly slug: string;
  readonly rule: string;
  /** A sentence that names what is wrong. */
  readonly detail: string;
}

/** A rule's finding before it is known in which row. */
export type Fault = Omit<Finding, 'slug'>;
