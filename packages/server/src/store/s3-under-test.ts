import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { VesaliusError } from '@vesalius/errors';
import type { S3Place } from './open-s3-objects.ts';

/** A server of S3-compatible objects of its own. */
export interface S3UnderTest {
  /** A new bucket of it. */
  createBucket(): Promise<S3Place>;
  stop(): void;
}

const PROGRAM = join(import.meta.dirname, '../../../../node_modules/.test-programs/node_modules/s3rver/bin/s3rver.js');
/** Whether the server is installed, which `npm test` does. */
export const HAS_S3_SERVER = existsSync(PROGRAM);
const WAIT_MS = 20_000;

/** Starts a server on a free port of 127.0.0.1 over a temporary folder. */
export async function startS3(): Promise<S3UnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'vesalius-s3-'));
  const args = [PROGRAM, '-d', folder, '-a', '127.0.0.1', '-p', '0'];
  const server = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const stop = (): void => {
    server.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const endpoint = `http://127.0.0.1:${await portOf(server)}`;
    const key = { accessKey: 'S3RVER', secretKey: 'S3RVER' };
    let buckets = 0;
    const createBucket = async (): Promise<S3Place> => {
      const place = { endpoint, bucket: `archive-${++buckets}`, region: 'us-east-1', ...key };
      const credentials = { accessKeyId: key.accessKey, secretAccessKey: key.secretKey };
      const client = new S3Client({ endpoint, region: place.region, forcePathStyle: true, credentials });
      await client.send(new CreateBucketCommand({ Bucket: place.bucket }));
      client.destroy();
      return place;
    };
    return { createBucket, stop };
  } catch (error) {
    stop();
    throw error;
  }
}

function portOf(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const fail = () => reject(new VesaliusError('DEPENDENCY_MISSING', { what: 'S3 server', got: said.slice(-300) }));
    setTimeout(fail, WAIT_MS).unref();
    server.once('exit', fail);
    server.stdout?.on('data', (chunk) => {
      said += chunk;
      const port = /:(\d+)\s*$/m.exec(said)?.[1];
      if (port !== undefined) resolve(port);
    });
  });
}
