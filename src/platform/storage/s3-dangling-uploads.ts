import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { parsePlaced } from './object-key.js';
import { statusOf } from './s3-client.js';

type Uploads = NonNullable<ListMultipartUploadsCommandOutput['Uploads']>;

/**
 * Takes back multipart uploads that a process left unfinished: their parts are paid for and can never be read.
 * @param installation whose uploads; others in the bucket are left alone.
 * @param ageMs how old an upload is before it counts as left.
 * @returns how many were taken back. Some compatible servers cannot list them; they clear them away themselves.
 */
export async function abortDangling(client: S3Client, bucket: string, installation: string, ageMs: number): Promise<number> {
  const before = Date.now() - ageMs;
  let removed = 0;
  try {
    for await (const { Key = '', UploadId, Initiated } of multipartUploads(client, bucket)) {
      if (parsePlaced(Key)?.installation !== installation || Initiated === undefined || Initiated.getTime() > before) continue;
      await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }));
      removed += 1;
    }
  } catch (error) {
    if (statusOf(error) !== 501) throw error;
    return 0;
  }
  return removed;
}

async function* multipartUploads(client: S3Client, Bucket: string): AsyncGenerator<Uploads[number], void> {
  let from: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } | undefined = {};
  while (from !== undefined) {
    const page: ListMultipartUploadsCommandOutput = await client.send(new ListMultipartUploadsCommand({ Bucket, ...from }));
    yield* page.Uploads ?? [];
    from = page.IsTruncated === true ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker } : undefined;
  }
}
