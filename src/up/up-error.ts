/** Why the platform does not start, in words for the person at the terminal. Printed without a stack. */
export class UpError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UpError';
  }
}
