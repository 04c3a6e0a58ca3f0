interface Waiting<Item, Result> {
  readonly item: Item;
  readonly settle: (result: PromiseSettledResult<Result>) => void;
}

/**
 * Does work in groups, one group of a line at a time: what comes while one is done is the next. What comes alone waits for
 * nobody, and the more comes at a time, the less each costs. Lines do not wait for each other.
 */
export class Groups<Item, Result> {
  private readonly lines = new Map<string, Waiting<Item, Result>[]>();

  /**
   * @param work does a group and gives one result for each of its items, in their order. What it throws, all of them get.
   * @param most items of a group.
   */
  constructor(
    private readonly work: (line: string, items: readonly Item[]) => Promise<readonly PromiseSettledResult<Result>[]>,
    private readonly most: number,
  ) {}

  /** What the work gives for the item. @throws what it rejects it with. */
  async add(line: string, item: Item): Promise<Result> {
    const result = await new Promise<PromiseSettledResult<Result>>((settle) => {
      const waiting = this.lines.get(line);
      if (waiting !== undefined) waiting.push({ item, settle });
      else void this.run(line, [{ item, settle }]);
    });
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  }

  private async run(line: string, waiting: Waiting<Item, Result>[]): Promise<void> {
    this.lines.set(line, waiting);
    while (waiting.length > 0) {
      const group = waiting.splice(0, this.most);
      const results = await this.results(
        line,
        group.map(({ item }) => item),
      );
      for (const [at, { settle }] of group.entries()) settle(results[at] ?? rejected(new Error('The work gave no result.')));
    }
    this.lines.delete(line);
  }

  private async results(line: string, items: readonly Item[]): Promise<readonly PromiseSettledResult<Result>[]> {
    try {
      return await this.work(line, items);
    } catch (error) {
      return items.map(() => rejected(error));
    }
  }
}

function rejected(reason: unknown): PromiseRejectedResult {
  return { status: 'rejected', reason };
}
