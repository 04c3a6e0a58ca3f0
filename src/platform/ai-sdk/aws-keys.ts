/** What signs calls to AWS. */
export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** The keys in a token of the form `ACCESS_KEY_ID:SECRET` or `ACCESS_KEY_ID:SECRET:SESSION_TOKEN`; undefined for any other. */
export function awsKeysOf(token: string): AwsKeys | undefined {
  const [, accessKeyId, secretAccessKey, sessionToken] = /^([A-Z0-9]{16,128}):([^:]+)(?::(.+))?$/.exec(token) ?? [];
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
}

/** The region that stands in the host of an address of AWS; us-east-1 where none does. */
export function awsRegionOf(baseUrl: string): string {
  return /[.-]([a-z]{2}(?:-[a-z]+)+-\d+)\./.exec(`.${new URL(baseUrl).hostname}`)?.[1] ?? 'us-east-1';
}
