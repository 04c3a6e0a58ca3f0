import { useState } from 'react';

/** One attempt at a time, and why the last one failed. */
export function useAttempt() {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const run = (attempt: () => Promise<void>) => {
    setBusy(true);
    setError(null);
    attempt()
      .catch(setError)
      .finally(() => setBusy(false));
  };
  return { busy, error, run };
}
