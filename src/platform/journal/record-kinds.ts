/** One record of the journal: of which kind it is, and its columns as a JSON array. */
export interface JournalRecord {
  readonly kind: string;
  readonly text: string;
}

/** Who carries one kind of record to where it stays. */
export interface RecordKeeper {
  /** The kind's name, as it stands in the journal for years. */
  readonly kind: string;
  /** Whether these are the columns of such a record. There may be more at the end than are known here: they do not matter. */
  reads(columns: readonly unknown[]): boolean;
  /**
   * Commits records, all or nothing. It may be given a record that it had before: that must change nothing.
   * @throws Error when they cannot be committed now; they are given again.
   */
  write(texts: readonly string[]): Promise<void>;
}

/** The kinds of records that this build knows. Each module that has one registers its keeper before the process starts work. */
export class RecordKinds {
  private readonly keepers = new Map<string, RecordKeeper>();

  /** @throws Error when the kind has a keeper already. */
  register(keeper: RecordKeeper): void {
    if (this.keepers.has(keeper.kind)) throw new Error(`The journal's kind ${keeper.kind} has two keepers.`);
    this.keepers.set(keeper.kind, keeper);
  }

  /** False for a kind that this build does not know, and for columns that are none of the kind's. */
  reads(kind: string, columns: readonly unknown[]): boolean {
    return this.keepers.get(kind)?.reads(columns) === true;
  }

  /** Gives each keeper its records, one keeper after the other. @throws Error of a keeper; those before it have committed. */
  async write(records: readonly JournalRecord[]): Promise<void> {
    const byKind = new Map<string, string[]>();
    for (const { kind, text } of records) {
      const texts = byKind.get(kind);
      if (texts === undefined) byKind.set(kind, [text]);
      else texts.push(text);
    }
    for (const [kind, texts] of byKind) {
      const keeper = this.keepers.get(kind);
      if (keeper === undefined) throw new Error(`The journal's kind ${kind} has no keeper.`);
      await keeper.write(texts);
    }
  }
}
