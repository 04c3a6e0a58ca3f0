import type { WriteStream } from 'node:tty';

/** The terminal, or whatever stands for it. */
export type Output = Pick<WriteStream, 'write'> & { readonly isTTY?: boolean };

/**
 * Shows one step after the other with the time it takes. On a terminal the running step's line is rewritten as it goes
 * on; elsewhere there is one line per finished step.
 */
export class Steps {
  constructor(private readonly output: Output) {}

  async run<T>(name: string, work: (onProgress: (text: string) => void) => Promise<T>): Promise<T> {
    const start = performance.now();
    let detail = '';
    const seconds = () => ((performance.now() - start) / 1000).toFixed(1);
    const show = () => this.rewrite(`… ${name}${detail === '' ? '' : `: ${detail}`} (${seconds()} s)`);
    const timer = this.output.isTTY === true ? setInterval(show, 250) : undefined;
    try {
      const result = await work((text) => {
        detail = text;
        if (this.output.isTTY === true) show();
      });
      this.finish(`✓ ${name} (${seconds()} s)`);
      return result;
    } catch (error) {
      this.finish(`✗ ${name} (${seconds()} s)`);
      throw error;
    } finally {
      clearInterval(timer);
    }
  }

  line(text: string): void {
    this.output.write(`${text}\n`);
  }

  private rewrite(text: string): void {
    this.output.write(`\r\x1b[2K${text}`);
  }

  private finish(text: string): void {
    this.output.write(this.output.isTTY === true ? `\r\x1b[2K${text}\n` : `${text}\n`);
  }
}
