/**
 * Does this at the first of each of these signals; a second one ends the process as it always does. What comes back stops
 * that, so that a part of a process that has been closed is not kept by it.
 */
export function onSignals(listeners: Readonly<Partial<Record<NodeJS.Signals, () => void>>>): () => void {
  const entries = Object.entries(listeners);
  for (const [signal, listener] of entries) process.once(signal, listener);
  return () => {
    for (const [signal, listener] of entries) process.off(signal, listener);
  };
}
