declare module 'busboy' {
  import type { Readable, Writable } from 'node:stream';

  interface Info {
    readonly filename?: string;
  }
  interface Options {
    readonly headers: Readonly<Record<string, string>>;
    readonly defParamCharset?: string;
    readonly preservePath?: boolean;
  }
  interface Parser extends Writable {
    on(event: 'field', listener: (name: string | undefined, value: string) => void): this;
    on(event: 'file', listener: (name: string | undefined, stream: Readable, info: Info) => void): this;
    on(event: 'error', listener: (error: unknown) => void): this;
  }
  export default function busboy(options: Options): Parser;
}
