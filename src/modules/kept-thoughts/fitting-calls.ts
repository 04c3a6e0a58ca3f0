/** A call under its mark, with what its provider wants back. */
export interface MarkedCall {
  readonly mark: string;
  readonly kept: Buffer | undefined;
}

/** So many calls of one answer are remembered, and so many bytes are kept with all of them. */
const maxCalls = 128;
const maxBytes = 1024 * 1024;

/** The calls of one answer that are remembered, each once. What is too much to be kept with a call is left out. */
export function fittingCalls(calls: readonly MarkedCall[]): readonly MarkedCall[] {
  const each = new Map(calls.toReversed().map((call) => [call.mark, call]));
  let left = maxBytes;
  return [...each.values()]
    .reverse()
    .slice(0, maxCalls)
    .map(({ mark, kept }) => {
      if (kept === undefined || kept.length > left) return { mark, kept: undefined };
      left -= kept.length;
      return { mark, kept };
    });
}
