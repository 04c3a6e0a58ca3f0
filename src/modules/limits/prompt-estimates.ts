/** Where nothing is known, four bytes are a token. */
const usualTokensPerByte = 0.25;

/** What the last calls weigh beside all before them. */
const weight = 0.2;

const mostNames = 10_000;

/**
 * How many tokens a request will be counted as, by its length: corrected for each published name by what its last calls were
 * reported as. It lives in the process, which forgets the name that was asked for longest ago when it knows too many.
 */
export class PromptEstimates {
  private readonly perByte = new Map<string, number>();

  /** @param name of the tenant and what it called. */
  of(name: string, bytes: number): number {
    return Math.ceil(bytes * (this.perByte.get(name) ?? usualTokensPerByte));
  }

  /** A call of so many bytes was reported to have so many tokens of input. */
  learn(name: string, bytes: number, tokens: number): void {
    if (bytes <= 0 || tokens <= 0) return;
    const before = this.perByte.get(name) ?? usualTokensPerByte;
    this.perByte.delete(name);
    this.perByte.set(name, before + (tokens / bytes - before) * weight);
    if (this.perByte.size <= mostNames) return;
    const [oldest] = this.perByte.keys();
    if (oldest !== undefined) this.perByte.delete(oldest);
  }
}
