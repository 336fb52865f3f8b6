import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { VesaliusError } from '@vesalius/errors';
import type { ObjectStore, PendingObject } from './object-store.ts';

export interface S3Place {
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: string;
}

/** What fits is kept in memory until its key is known; more goes up in parts of this size: S3 wants 5 MiB at least. */
const PART_BYTES = 8 << 20;
const INCOMING = 'incoming/';
const DAY_MS = 86_400_000;

/**
 * Objects in a bucket that is there. What was on its way in more than a day ago is removed.
 *
 * @throws PEER_UNREACHABLE, WRITE_FAILED where the bucket cannot be worked with
 */
export async function openS3Objects({ endpoint, region, bucket, accessKey, secretKey }: S3Place): Promise<ObjectStore> {
  const client = new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
    // Not every server knows the newer checksums; what is stored is hashed by the archive anyway.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  const objects = new S3Objects(client, bucket);
  await objects.sweep();
  return objects;
}

class S3Objects implements ObjectStore {
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  async begin(): Promise<PendingObject> {
    return new PendingS3(this.#client, this.#bucket);
  }

  async size(key: string): Promise<number> {
    const head = new HeadObjectCommand({ Bucket: this.#bucket, Key: key });
    return (await reading(key, () => this.#client.send(head))).ContentLength ?? 0;
  }

  async read(key: string, range?: { readonly start: number; readonly end: number }): Promise<Buffer> {
    const length = await this.size(key);
    const start = range?.start ?? 0;
    const end = Math.min(range?.end ?? length, length);
    if (end <= start) return Buffer.alloc(0);
    const get = new GetObjectCommand({ Bucket: this.#bucket, Key: key, Range: `bytes=${start}-${end - 1}` });
    return reading(key, async () => {
      const { Body } = await this.#client.send(get);
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    });
  }

  stream(key: string): Readable {
    const get = new GetObjectCommand({ Bucket: this.#bucket, Key: key });
    const send = () => reading(key, () => this.#client.send(get));
    return Readable.from(
      (async function* () {
        const { Body } = await send();
        if (Body) yield* Body as Readable;
      })(),
      { objectMode: false },
    );
  }

  async remove(key: string): Promise<void> {
    await writing(() => this.#client.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key: key })));
  }

  async *keys(prefix: string): AsyncIterable<string> {
    for await (const { key } of this.#listed(prefix)) if (!key.startsWith(INCOMING)) yield key;
  }

  async room(): Promise<undefined> {}

  async close(): Promise<void> {
    this.#client.destroy();
  }

  async sweep(): Promise<void> {
    for await (const { key, time } of this.#listed(INCOMING))
      if (time !== undefined && Date.now() - time.getTime() > DAY_MS) await this.remove(key);
  }

  async *#listed(prefix: string): AsyncGenerator<{ key: string; time: Date | undefined }> {
    let token: string | undefined;
    do {
      const list = new ListObjectsV2Command({ Bucket: this.#bucket, Prefix: prefix, ContinuationToken: token });
      const page = await writing(() => this.#client.send(list));
      for (const { Key, LastModified } of page.Contents ?? []) if (Key) yield { key: Key, time: LastModified };
      token = page.NextContinuationToken;
    } while (token !== undefined);
  }
}

class PendingS3 implements PendingObject {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #name = `${INCOMING}${randomUUID()}`;
  readonly #parts: { PartNumber: number; ETag: string | undefined }[] = [];
  #uploadId: string | undefined;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #ended = false;

  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const piece = bytes.slice(at, at + PART_BYTES - this.#waitingBytes);
      this.#waiting.push(piece);
      this.#waitingBytes += piece.length;
      at += piece.length;
      if (this.#waitingBytes === PART_BYTES) await writing(() => this.#sendPart());
    }
  }

  async commit(key: string): Promise<void> {
    await writing(async () => {
      if (this.#uploadId === undefined)
        await this.#client.send(new PutObjectCommand({ Bucket: this.#bucket, Key: key, Body: this.#taken() }));
      else await this.#join(this.#uploadId, key);
    });
    this.#ended = true;
  }

  async discard(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#taken();
    const UploadId = this.#uploadId;
    if (UploadId === undefined) return;
    const abort = new AbortMultipartUploadCommand({ Bucket: this.#bucket, Key: this.#name, UploadId });
    await writing(() => this.#client.send(abort));
  }

  async #sendPart(): Promise<void> {
    const place = { Bucket: this.#bucket, Key: this.#name };
    this.#uploadId ??= (await this.#client.send(new CreateMultipartUploadCommand(place))).UploadId;
    const PartNumber = this.#parts.length + 1;
    const part = new UploadPartCommand({ ...place, UploadId: this.#uploadId, PartNumber, Body: this.#taken() });
    const { ETag } = await this.#client.send(part);
    this.#parts.push({ PartNumber, ETag });
  }

  /** A key cannot be given to an upload afterwards: the server copies it there. */
  async #join(UploadId: string, key: string): Promise<void> {
    if (this.#waitingBytes > 0) await this.#sendPart();
    const place = { Bucket: this.#bucket, Key: this.#name };
    const MultipartUpload = { Parts: this.#parts };
    await this.#client.send(new CompleteMultipartUploadCommand({ ...place, UploadId, MultipartUpload }));
    const CopySource = `${this.#bucket}/${this.#name}`;
    await this.#client.send(new CopyObjectCommand({ Bucket: this.#bucket, Key: key, CopySource }));
    await this.#client.send(new DeleteObjectCommand(place));
  }

  #taken(): Buffer {
    const bytes = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#waitingBytes = 0;
    return bytes;
  }
}

async function reading<Value>(key: string, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (cause) {
    const missing = cause instanceof S3ServiceException && cause.$metadata.httpStatusCode === 404;
    throw new VesaliusError(missing ? 'FILE_NOT_FOUND' : 'FILE_UNREADABLE', { what: `object ${key}`, cause });
  }
}

async function writing<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof S3ServiceException)) throw new VesaliusError('PEER_UNREACHABLE', { what: 'objects', cause });
    const full = cause.$metadata.httpStatusCode === 507 || cause.name === 'QuotaExceeded';
    throw new VesaliusError(full ? 'DISK_FULL' : 'WRITE_FAILED', { what: 'storing an object', cause });
  }
}
