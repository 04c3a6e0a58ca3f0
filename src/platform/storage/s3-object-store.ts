import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Readable } from 'node:stream';
import { IncomingParts } from './incoming-parts.js';
import { checkInstallation, parseKey, readKey, readListPrefix, readPrefix } from './object-key.js';
import {
  checkRange,
  ObjectStore,
  type ByteRange,
  type ListedObject,
  type ObjectFacts,
  type ObjectWriter,
} from './object-store.js';
import { PartBuffers } from './part-buffers.js';
import type { PartFile } from './part-file.js';
import { newS3Client, statusOf, type S3Access } from './s3-client.js';
import { abortDangling } from './s3-dangling-uploads.js';
import { uploadToS3, type S3Place } from './s3-upload.js';
import { storageFailure } from './storage-failure.js';

export interface S3ObjectStoreOptions extends S3Access {
  readonly bucket: string;
  /** Local folder in which files are received, before they are sent to S3. */
  readonly incoming: string;
  /** Default 8 MiB; S3's least is 5 MiB. */
  readonly partBytes?: number;
  /** Parts held in memory by this process, all uploads together. Default 8. */
  readonly partBuffers?: number;
  /** Age from which an unfinished multipart upload counts as left behind. Default one day. */
  readonly danglingMs?: number;
}

const dayMs = 24 * 60 * 60 * 1000;
const pingMs = 5_000;
const parallelDeletes = 8;

/**
 * Objects in a bucket, under their keys. A file is received on the local disk and sent when it is committed: so S3 sees
 * only files that were accepted, an upload that breaks off leaves nothing there, and memory stays the same whatever the
 * size and number of uploads. Leaves other objects of the bucket alone.
 */
export class S3ObjectStore extends ObjectStore {
  private readonly client: S3Client;
  private readonly bucket: string;
  private readonly parts: IncomingParts;
  private readonly place: S3Place;
  private readonly danglingMs: number;

  constructor(options: S3ObjectStoreOptions) {
    super();
    this.client = newS3Client(options);
    this.bucket = options.bucket;
    this.parts = new IncomingParts(options.incoming);
    this.danglingMs = options.danglingMs ?? dayMs;
    const partBytes = options.partBytes ?? 8 * 1024 * 1024;
    this.place = {
      client: this.client,
      bucket: this.bucket,
      buffers: new PartBuffers(options.partBuffers ?? 8, partBytes),
      partBytes,
    };
  }

  async beginWrite(): Promise<ObjectWriter> {
    const part = await this.parts.open();
    return { stream: part.stream, commit: (key) => this.send(part, key), abort: () => part.discard() };
  }

  async openRead(key: string, range: ByteRange = {}): Promise<Readable | undefined> {
    readKey(key);
    checkRange(range);
    const Range =
      range.start === undefined && range.end === undefined ? undefined : `bytes=${range.start ?? 0}-${range.end ?? ''}`;
    try {
      const { Body } = await this.client.send(new GetObjectCommand({ Bucket: this.bucket, Key: key, Range }));
      return Body as Readable;
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      if (statusOf(error) === 416) return Readable.from([]);
      throw storageFailure(error);
    }
  }

  async stat(key: string): Promise<ObjectFacts | undefined> {
    readKey(key);
    try {
      const { ContentLength = 0, LastModified } = await this.client.send(
        new HeadObjectCommand({ Bucket: this.bucket, Key: key }),
      );
      return { bytes: ContentLength, modifiedAtMs: LastModified?.getTime() ?? 0 };
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw storageFailure(error);
    }
  }

  async delete(key: string): Promise<void> {
    readKey(key);
    await this.call(() => this.client.send(new DeleteObjectCommand({ Bucket: this.bucket, Key: key })));
  }

  /** One call for each object: the call for many at once is the one that servers other than Amazon's differ in. */
  async deletePrefix(prefix: string): Promise<void> {
    const objects = this.list(`${readPrefix(prefix)}/`);
    const deleteSome = async (): Promise<void> => {
      for (let next = await objects.next(); next.done !== true; next = await objects.next()) await this.delete(next.value.key);
    };
    await Promise.all(Array.from({ length: parallelDeletes }, deleteSome));
  }

  async *list(prefix: string): AsyncGenerator<ListedObject, void> {
    const Prefix = readListPrefix(prefix) || undefined;
    const pages = paginateListObjectsV2({ client: this.client }, { Bucket: this.bucket, Prefix });
    for (let page = await this.call(() => pages.next()); page.done !== true; page = await this.call(() => pages.next())) {
      for (const { Key = '', Size = 0, LastModified } of page.value.Contents ?? []) {
        if (parseKey(Key) !== undefined) yield { key: Key, bytes: Size, modifiedAtMs: LastModified?.getTime() ?? 0 };
      }
    }
  }

  async sweep(installation?: string): Promise<number> {
    const parts = await this.call(() => this.parts.sweep());
    if (installation === undefined) return parts;
    const own = checkInstallation(installation);
    return parts + (await this.call(() => abortDangling(this.client, this.bucket, own, this.danglingMs)));
  }

  /** Read again after it was written: a server that does not know the condition must not let two believe they have it. */
  async claim(installation: string, owner: string): Promise<string> {
    const Key = claimKey(installation);
    return this.call(async () => {
      const standing = await this.text(Key);
      if (standing !== undefined) return standing;
      await this.client.send(new PutObjectCommand({ Bucket: this.bucket, Key, Body: owner, IfNoneMatch: '*' })).catch(whenTaken);
      return (await this.text(Key)) ?? '';
    });
  }

  owner(installation: string): Promise<string | null> {
    return this.call(async () => (await this.text(claimKey(installation))) ?? null);
  }

  async reclaim(installation: string, owner: string): Promise<void> {
    const Key = claimKey(installation);
    await this.call(() => this.client.send(new PutObjectCommand({ Bucket: this.bucket, Key, Body: owner })));
  }

  private async text(Key: string): Promise<string | undefined> {
    try {
      return await (await this.client.send(new GetObjectCommand({ Bucket: this.bucket, Key }))).Body?.transformToString();
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  }

  async ping(): Promise<void> {
    await this.call(() =>
      this.client.send(new HeadBucketCommand({ Bucket: this.bucket }), { abortSignal: AbortSignal.timeout(pingMs) }),
    );
  }

  async close(): Promise<void> {
    await this.parts.close();
    this.client.destroy();
  }

  private async send(part: PartFile, key: string): Promise<void> {
    readKey(key);
    try {
      await part.finish();
      await uploadToS3(this.place, key, part).catch((error: unknown) => this.acceptIfStored(key, part.bytes, error));
    } catch (error) {
      throw storageFailure(error);
    } finally {
      await part.discard();
    }
  }

  /** An answer that got lost on its way does not make a failure of what S3 did: a key is used for one file only. */
  private async acceptIfStored(key: string, bytes: number, error: unknown): Promise<void> {
    const facts = await this.stat(key).catch(() => undefined);
    if (facts?.bytes !== bytes) throw error;
  }

  private async call<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw storageFailure(error);
    }
  }
}

/** No key of an object: lists and sweeps pass it over. */
function claimKey(installation: string): string {
  return `claims/${checkInstallation(installation)}`;
}

/** Somebody else was first, or is just about to be. */
function whenTaken(error: unknown): void {
  if (![409, 412].includes(statusOf(error) ?? 0)) throw error;
}
