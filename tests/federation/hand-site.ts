import type { FederationAnswer } from '@vesalius/api';
import { compressionNamed, type Layout, UpdateCompressor, upSeed, zerosOf } from '@vesalius/federated';
import type { Task } from '@vesalius/federated/protocol';
import {
  type KeyAndCertificate,
  requestCertificate,
} from '../../packages/server/src/federation/certificates/authority.ts';
import { readInvitation } from '../../packages/server/src/federation/certificates/invitation.ts';
import { type Dialled, dial } from '../../packages/server/src/federation/site/dial.ts';
import type { House } from './hospitals.ts';

const MESSAGE_BYTES = 1 << 28;

export type Client = Dialled['client'];

/** A site that sends what a test wants it to. */
export interface HandSite {
  readonly client: Client;
  readonly own: KeyAndCertificate;
  readonly url: string;
  readonly authority: string;
  readonly invitation: string;
  readonly plan: { readonly layers: Layout; readonly up: string; readonly seed: number };
  next(more?: object): Promise<Task>;
  /** Every value of the change the same. */
  update(round: number, value?: number): Uint8Array<ArrayBuffer>;
  close(): void;
}

interface Version {
  readonly major: number;
  readonly minor: number;
}

const NOW: Version = { major: 1, minor: 1 };
const SHEET = {
  examples: 40,
  validationExamples: 10,
  examplesOfClass: [20, 20],
  imageShape: [1, 10, 10],
  privacyUnit: 'image',
};

/** Buys a certificate by an invitation. */
export async function joinByHand(
  text: string,
  version = NOW,
): Promise<{ own: KeyAndCertificate; url: string; authority: string }> {
  const { federation, site, url, authority, secret } = readInvitation(text);
  const { key, request } = await requestCertificate(site);
  const dialled = dial({ url, authority, messageBytes: MESSAGE_BYTES });
  try {
    const asked = { version, federation, site, secret: Buffer.from(secret, 'base64'), certificateRequest: request };
    const { certificate } = await dialled.client.join(asked);
    return { own: { key, certificate }, url, authority };
  } finally {
    dialled.close();
  }
}

export async function openHandSite(
  coordinator: House,
  federation: FederationAnswer,
  { name, version = NOW }: { readonly name: string; readonly version?: Version },
): Promise<HandSite> {
  const params = { federation: federation.id };
  const { invitation } = await coordinator.client.call('inviteSite', { params, body: { site: name } });
  const joined = await joinByHand(invitation, version);
  const dialled = dial({ ...joined, messageBytes: MESSAGE_BYTES });
  const { client } = dialled;
  const approvedPlan = federation.planHash;
  const { plan: text } = await client.announce({ version, dataSheet: SHEET, approvedPlan });
  await coordinator.client.call('changeSite', { params: { ...params, site: name }, body: { action: 'approve' } });
  const plan = JSON.parse(text) as HandSite['plan'];
  return {
    ...joined,
    ...{ client, invitation, plan },
    next: async (more = {}) => {
      for (;;) {
        const asked = { version, approvedPlan, waitMilliseconds: 5000, ...more };
        const { task } = await client.nextTask(asked);
        if (task) return task;
      }
    },
    update: (round, value = 0) => {
      const zeros = zerosOf(plan.layers);
      for (const values of zeros.values()) values.fill(value);
      const compressor = new UpdateCompressor({ layout: plan.layers, plan: compressionNamed(plan.up) });
      return compressor.compress(zeros, upSeed(plan.seed, name, round));
    },
    close: () => dialled.close(),
  };
}
