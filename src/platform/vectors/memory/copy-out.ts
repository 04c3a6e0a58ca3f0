import type pg from 'pg';

/**
 * Runs `copy … to stdout (format binary)` and hands over each piece of its output, which is valid only during the call.
 * The driver reads results as text alone; vectors in binary form come twice as fast and need no parsing of digits. `copy`
 * takes no parameters: the caller escapes them.
 */
export async function copyOut(client: pg.PoolClient, statement: string, onData: (data: Buffer) => void): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let failure: unknown;
    const query = {
      submit: (connection: pg.Connection): void => connection.query(statement),
      handleCopyData: ({ chunk }: { readonly chunk: Buffer }): void => {
        try {
          if (failure === undefined) onData(chunk);
        } catch (error) {
          failure = error;
        }
      },
      handleError: reject,
      handleReadyForQuery: () => (failure === undefined ? resolve() : reject(failure as Error)),
      handleCommandComplete: () => undefined,
    };
    client.query(query);
  });
}
