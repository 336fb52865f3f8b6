import 'reflect-metadata';
import { createHash, randomBytes, webcrypto } from 'node:crypto';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import type { SealedFiles } from './sealed-file.ts';

/** The name that a coordinator's certificate bears: sites look for it, whatever address they dial. */
export const COORDINATOR_NAME = 'coordinator.vesalius.internal';

/** As the library names them, in Node's types and in a browser's. */
type Keys = Parameters<typeof x509.Pkcs10CertificateRequestGenerator.create>[0]['keys'];
type Key = Keys['privateKey'];

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
const DAYS = { authority: 3650, server: 90, site: 90 };
/** Certificates begin earlier, for clocks that are wrong. */
const EARLIER_MS = 2 * DAY_MS;

export interface KeyAndCertificate {
  /** PKCS #8, PEM. */
  readonly key: string;
  readonly certificate: string;
}

export interface SignedSite {
  readonly certificate: string;
  /** sha256 of the DER, hex. */
  readonly fingerprint: string;
  readonly ends: string;
}

/** The coordinator's own certificate authority: it signs for its federations alone. */
export interface Authority {
  readonly certificate: string;
  /** A new key each time: it need not outlive the program. */
  issueServer(): Promise<KeyAndCertificate>;
  /** @returns nothing for a request that is none, or is not signed by its own key */
  signSite(
    request: Uint8Array,
    named: { readonly site: string; readonly federation: string },
  ): Promise<SignedSite | undefined>;
}

export async function openAuthority(folder: string, files: SealedFiles): Promise<Authority> {
  const held = await readAuthority(folder, files);
  const { keys, certificate } = held ?? (await createAuthority(folder, files));
  const issuer = new x509.X509Certificate(certificate);
  const sign = (subject: string, publicKey: Key, more: { days: number; extensions: x509.Extension[] }) =>
    x509.X509CertificateGenerator.create({
      serialNumber: serial(),
      subject,
      issuer: issuer.subject,
      ...validity(more.days),
      publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: ALGORITHM,
      extensions: [new x509.BasicConstraintsExtension(false, undefined, true), ...more.extensions],
    });
  return {
    certificate,
    issueServer: async () => {
      const own = await newKeys();
      const made = await sign(`CN=${COORDINATOR_NAME}`, own.publicKey, {
        days: DAYS.server,
        extensions: [
          new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
          new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: COORDINATOR_NAME }]),
        ],
      });
      return { key: await keyPem(own.privateKey), certificate: made.toString('pem') };
    },
    signSite: async (request, { site, federation }) => {
      const asked = await readRequest(request);
      if (!asked) return undefined;
      const made = await sign(`CN=${site},O=${federation}`, asked, {
        days: DAYS.site,
        extensions: [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])],
      });
      const fingerprint = createHash('sha256').update(new Uint8Array(made.rawData)).digest('hex');
      return { certificate: made.toString('pem'), fingerprint, ends: made.notAfter.toISOString() };
    },
  };
}

/** A site's new key and the request for its certificate. */
export async function requestCertificate(
  site: string,
): Promise<{ readonly key: string; readonly request: Uint8Array<ArrayBuffer> }> {
  const keys = await newKeys();
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: `CN=${site}`,
    keys,
    signingAlgorithm: ALGORITHM,
  });
  return { key: await keyPem(keys.privateKey), request: new Uint8Array(request.rawData) };
}

async function readRequest(bytes: Uint8Array): Promise<Key | undefined> {
  try {
    const request = new x509.Pkcs10CertificateRequest(Uint8Array.from(bytes));
    return (await request.verify()) ? await request.publicKey.export() : undefined;
  } catch {
    return undefined;
  }
}

async function readAuthority(folder: string, files: SealedFiles) {
  const [key, certificate] = await Promise.all(
    ['authority-key.pem', 'authority.pem'].map((name) => files.read(join(folder, name))),
  );
  if (!key || !certificate) return undefined;
  const der = x509.PemConverter.decodeFirst(Buffer.from(key).toString());
  const imported: unknown = await webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign']);
  const privateKey = imported as Key;
  return { keys: { privateKey }, certificate: Buffer.from(certificate).toString() };
}

async function createAuthority(folder: string, files: SealedFiles) {
  const keys = await newKeys();
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: 'CN=Vesalius federation authority',
    ...validity(DAYS.authority),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
  const certificate = made.toString('pem');
  await files.write(join(folder, 'authority-key.pem'), Buffer.from(await keyPem(keys.privateKey)));
  // Last: an authority is there when both files are.
  await files.write(join(folder, 'authority.pem'), Buffer.from(certificate));
  return { keys, certificate };
}

const newKeys = () =>
  webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']) as Promise<unknown> as Promise<Keys>;

async function keyPem(key: Key): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key as never), 'PRIVATE KEY');
}

const serial = (): string => `01${randomBytes(15).toString('hex')}`;

const validity = (days: number) => ({
  notBefore: new Date(Date.now() - EARLIER_MS),
  notAfter: new Date(Date.now() + days * DAY_MS),
});
