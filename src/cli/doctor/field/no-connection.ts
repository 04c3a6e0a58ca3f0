import { found, type Check, type FieldDiagnosisId } from '../check.js';
import { NoAnswerError } from './http-call.js';

const certificateCodes = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_UNTRUSTED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'HOSTNAME_MISMATCH',
]);

/** What a server that does not speak TLS makes of a handshake. */
const noTlsCodes = new Set(['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG', 'EPROTO']);

const brokenCodes = new Set(['ECONNRESET', 'EPIPE', 'HPE_INVALID_CONSTANT', 'HPE_INVALID_VERSION', 'HPE_INVALID_HEADER_TOKEN']);

/** The short name of a fault of the network, as Node has it. */
export function faultCode(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return faultCode(error.errors[0]);
  const { code, message } = error as { code?: unknown; message?: unknown };
  return typeof code === 'string' ? code : String(message);
}

/** True when the other side took the connection and dropped it, or spoke no HTTP. */
export function wasDropped(error: unknown): boolean {
  const code = faultCode(error);
  return brokenCodes.has(code) || code.startsWith('HPE_');
}

export function speaksNoTls(error: unknown): boolean {
  return noTlsCodes.has(faultCode(error));
}

/** Why a call got no answer. */
export function unansweredId(error: unknown): FieldDiagnosisId {
  if (error instanceof NoAnswerError) return 'no-answer';
  const code = faultCode(error);
  if (certificateCodes.has(code)) return 'certificate-refused';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'host-unknown';
  if (code === 'ETIMEDOUT' || code === 'UND_ERR_CONNECT_TIMEOUT') return 'no-answer';
  if (noTlsCodes.has(code)) return 'https-instead-of-http';
  return 'unreachable';
}

export function unanswered(check: string, error: unknown): Check {
  return found(check, unansweredId(error), error instanceof NoAnswerError ? '' : `(${faultCode(error)})`);
}
