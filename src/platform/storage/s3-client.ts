import { S3Client } from '@aws-sdk/client-s3';

/** Where a bucket's server is, and who asks it. */
export interface S3Access {
  /** Address of an S3-compatible server; without it, Amazon's of the region. */
  readonly endpoint?: string | undefined;
  readonly region: string;
  /** Without keys, the SDK looks for them where the machine keeps its own (role, profile). */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
  /** The bucket in the path and not in the host name: most servers other than Amazon's need it. */
  readonly forcePathStyle: boolean;
}

/** Checksums only where S3 asks for them: the newest SDK's own choice is refused by many compatible servers. */
export function newS3Client({ endpoint, region, credentials, forcePathStyle }: S3Access): S3Client {
  return new S3Client({
    region,
    forcePathStyle,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
    maxAttempts: 3,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: 5_000,
      requestTimeout: 60_000,
      throwOnRequestTimeout: true,
      httpAgent: { keepAlive: true, maxSockets: 256 },
      httpsAgent: { keepAlive: true, maxSockets: 256 },
    },
  });
}

/** The HTTP status of what a call to S3 threw; undefined when there was no answer. */
export function statusOf(error: unknown): number | undefined {
  return (error as { readonly $metadata?: { readonly httpStatusCode?: number } } | null)?.$metadata?.httpStatusCode;
}
