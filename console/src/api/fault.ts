/** What the platform says of one field of a request. */
interface Refusal {
  readonly message: string;
  readonly code: string | null;
  readonly param: string | null;
}

/** A call that was not answered with what was asked for. */
export class ApiFault extends Error {
  override readonly name = 'ApiFault';

  private constructor(
    /** Of HTTP; 0 where no answer came. */
    readonly status: number,
    readonly code: string | null,
    /** The field that is meant, in the words of the request. */
    readonly param: string | null,
    message: string,
    /** Under which the platform's logs know the call; null where no answer came. */
    readonly requestId: string | null,
    /** Seconds after which it is worth trying again. */
    readonly retryAfter: number | null,
  ) {
    super(message);
  }

  /** Reads an answer that is no good one. */
  static async of(response: Response): Promise<ApiFault> {
    const body = (await response.json().catch(() => null)) as { error?: Partial<Refusal> } | null;
    const { message, code = null, param = null } = body?.error ?? {};
    const wait = Number(response.headers.get('retry-after'));
    return new ApiFault(
      response.status,
      code,
      param,
      message ?? `The platform answered with status ${response.status}.`,
      response.headers.get('x-request-id'),
      wait > 0 ? wait : null,
    );
  }

  /** No answer came. */
  static unreachable(): ApiFault {
    return new ApiFault(0, 'unreachable', null, 'The platform cannot be reached.', null, null);
  }

  /** The answer stopped before its end. */
  static brokenOff(): ApiFault {
    return new ApiFault(0, 'broken_off', null, 'The answer broke off.', null, null);
  }

  /** An event of a stream that is an error. */
  static ofEvent(data: unknown): ApiFault {
    const { message, code = null, param = null } = (data as { error?: Partial<Refusal> } | null)?.error ?? {};
    return new ApiFault(0, code, param, message ?? 'The platform ended the stream with an error.', null, null);
  }
}

/** What a person can do about it, where there is something beyond the sentence of the platform. */
export function advice(fault: ApiFault): string | null {
  if (fault.status === 0) return 'Check that the platform is running and that you are online, then try again.';
  if (fault.code === 'insufficient_role') return 'Ask an owner of the tenant to do it, or to give you another role.';
  if (fault.status === 429) return `Wait ${fault.retryAfter ?? 'a few'} seconds, then try again.`;
  if (fault.status >= 500) return 'Try again. If it stays so, give the request id to an operator of the platform.';
  return null;
}
