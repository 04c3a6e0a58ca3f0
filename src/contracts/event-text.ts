/** One server-sent event: its name, `message` when it has none, and its lines of data. */
export interface ServerEvent {
  readonly event: string;
  readonly data: string;
}

/** Reads the events of a reply of the type `text/event-stream`, in which the platform's own lines end with LF. */
export async function* readEvents(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  onBytes: () => void,
): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of body) {
    onBytes();
    const blocks = (rest + decoder.decode(bytes, { stream: true })).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const lines = block.split('\n');
      const valueOf = (field: string): string[] =>
        lines.flatMap((line) => (line.startsWith(`${field}: `) ? [line.slice(field.length + 2)] : []));
      const data = valueOf('data');
      if (data.length > 0) yield { event: valueOf('event').at(-1) ?? 'message', data: data.join('\n') };
    }
  }
}
