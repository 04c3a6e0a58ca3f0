import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { PartBuffers } from './part-buffers.js';
import type { PartFile } from './part-file.js';

/** S3 allows 10,000 parts, all but the last of at least 5 MiB. */
const maxParts = 10_000;
const parallelParts = 2;

export interface S3Place {
  readonly client: S3Client;
  readonly bucket: string;
  readonly buffers: PartBuffers;
  /** Size of the parts in which a file is sent; a file of no more than this is sent in one call. */
  readonly partBytes: number;
}

/**
 * Makes a received file the object of this key. A file of several parts is a multipart upload, which is taken back when
 * anything fails. The caller learns nothing but success or the first error.
 */
export async function uploadToS3(place: S3Place, key: string, file: PartFile): Promise<void> {
  if (file.bytes <= place.partBytes) return putWhole(place, key, file);
  const { client, bucket } = place;
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: key }));
  const upload = { Bucket: bucket, Key: key, UploadId };
  try {
    const Parts = await sendParts(place, upload, file);
    await client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
  } catch (error) {
    // What cannot be taken back now is found by the sweep.
    await client.send(new AbortMultipartUploadCommand(upload)).catch(() => undefined);
    throw error;
  }
}

async function putWhole({ client, bucket, buffers }: S3Place, key: string, file: PartFile): Promise<void> {
  await buffers.withBuffer(file.bytes, async (buffer) => {
    await file.read(buffer, 0);
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: buffer, ContentLength: buffer.length }));
  });
}

interface Upload {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string | undefined;
}

interface SentPart {
  readonly PartNumber: number;
  readonly ETag: string | undefined;
}

/** Sends all parts, a few at a time. Returns or throws only when none is under way any more. */
async function sendParts(place: S3Place, upload: Upload, file: PartFile): Promise<SentPart[]> {
  const partBytes = Math.max(place.partBytes, Math.ceil(file.bytes / maxParts));
  const count = Math.ceil(file.bytes / partBytes);
  const sent: SentPart[] = [];
  const stop = new AbortController();
  let next = 0;
  const sendSome = async (): Promise<void> => {
    for (let index = next++; index < count && !stop.signal.aborted; index = next++) {
      const position = index * partBytes;
      sent[index] = await sendPart(
        place,
        upload,
        file,
        { index, position, bytes: Math.min(partBytes, file.bytes - position) },
        stop.signal,
      );
    }
  };
  const lines = Array.from({ length: parallelParts }, () =>
    sendSome().catch((error: unknown) => {
      stop.abort();
      throw error;
    }),
  );
  for (const line of await Promise.allSettled(lines)) if (line.status === 'rejected') throw line.reason;
  return sent;
}

interface Part {
  readonly index: number;
  readonly position: number;
  readonly bytes: number;
}

function sendPart(place: S3Place, upload: Upload, file: PartFile, part: Part, signal: AbortSignal): Promise<SentPart> {
  return place.buffers.withBuffer(part.bytes, async (buffer) => {
    await file.read(buffer, part.position);
    const PartNumber = part.index + 1;
    const command = new UploadPartCommand({ ...upload, PartNumber, Body: buffer, ContentLength: buffer.length });
    const { ETag } = await place.client.send(command, { abortSignal: signal });
    return { PartNumber, ETag };
  });
}
