import { connect as connectTcp } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { VesaliusError } from '@vesalius/errors';
import {
  APPLICATION_CONTEXT,
  type AssociateRequest,
  type ExtendedNegotiation,
  type ProposedContext,
  type RoleSelection,
  type UserIdentity,
} from '../pdu/pdu.ts';
import type { Indication } from '../upper-layer/actions.ts';
import { UpperLayer } from '../upper-layer/upper-layer.ts';
import { Association, type IncomingRequest } from './association.ts';
import { DEFAULT_LIMITS, type LocalLimits, OWN_NAME } from './local-limits.ts';
import { agreedContexts } from './negotiate.ts';
import { describeRejection } from './rejection.ts';
import { BCP_195 } from './tls-profile.ts';

/** A DICOM peer. */
export interface PeerAddress {
  readonly host: string;
  readonly port: number;
  readonly aeTitle: string;
  /** Certificates and keys, joined to the BCP 195 profile; absent for plain TCP. */
  readonly tls?: ConnectionOptions;
}

/** A context to propose; its number is given. */
export type ContextProposal = Omit<ProposedContext, 'id'> & {
  /** Absent: the requestor is the SCU. */
  readonly roles?: { readonly scu: boolean; readonly scp: boolean };
};

export interface RequestOptions {
  readonly peer: PeerAddress;
  readonly callingAeTitle: string;
  /** At most 128. */
  readonly contexts: readonly ContextProposal[];
  readonly userIdentity?: UserIdentity;
  /** What is asked of single SOP classes; the peer's answer stands in `association.peer.extended`. */
  readonly extended?: readonly ExtendedNegotiation[];
  /** Operations that the own side would like to have under way at a time; `association.window` says what was agreed. */
  readonly operations?: number;
  /** For peers that ask back: C-STORE of a C-GET, N-EVENT-REPORT of a commitment. */
  readonly onRequest: (request: IncomingRequest) => Promise<void>;
  /** From the first packet to the acceptance, in milliseconds. */
  readonly connectMs?: number;
  readonly limits?: Partial<LocalLimits>;
}

const CONNECT_MS = 30_000;

/**
 * Opens a connection and negotiates an association.
 *
 * @throws PEER_UNREACHABLE, PEER_TIMEOUT, ASSOCIATION_REJECTED, ASSOCIATION_ENDED, CONTEXT_NOT_ACCEPTED when no context was
 */
export async function requestAssociation(options: RequestOptions): Promise<Association> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const request = requestPdu(options, limits);
  const answer = Promise.withResolvers<Indication>();
  const layer = new UpperLayer({
    transport: () => open(options.peer),
    limits: { associate: limits.maxAssociateLength, data: limits.maxLength },
    artimMs: limits.artimMs,
    user: { indicate: answer.resolve },
  });
  const timer = setTimeout(() => {
    answer.reject(new VesaliusError('PEER_TIMEOUT', { what: 'opening an association', file: nameOf(options.peer) }));
    layer.handle('Evt15', { pdu: { type: 'A-ABORT', source: 0, reason: 0 } });
  }, options.connectMs ?? CONNECT_MS);
  try {
    layer.request(request);
    return establish(await answer.promise, { layer, request, limits, options });
  } finally {
    clearTimeout(timer);
  }
}

interface Establishing {
  readonly layer: UpperLayer;
  readonly request: AssociateRequest;
  readonly limits: LocalLimits;
  readonly options: RequestOptions;
}

function establish(answer: Indication, { layer, request, limits, options }: Establishing): Association {
  const file = nameOf(options.peer);
  if (answer.type === 'A-ASSOCIATE-RJ')
    throw new VesaliusError('ASSOCIATION_REJECTED', { what: 'association', got: describeRejection(answer), file });
  if (answer.type === 'A-P-ABORT')
    throw new VesaliusError('PEER_UNREACHABLE', { what: 'opening an association', got: answer.why, file });
  if (answer.type !== 'A-ASSOCIATE-AC')
    throw new VesaliusError('ASSOCIATION_ENDED', { what: 'opening an association', got: answer.type, file });
  const association = new Association({
    layer,
    isRequestor: true,
    calledAeTitle: request.calledAeTitle,
    callingAeTitle: request.callingAeTitle,
    contexts: agreedContexts(request, answer),
    peer: answer.userInformation,
    idleMs: limits.idleMs,
    onRequest: options.onRequest,
  });
  if (association.contexts.length > 0) return association;
  const error = new VesaliusError('CONTEXT_NOT_ACCEPTED', { what: 'every proposed presentation context', file });
  association.abort(error);
  throw error;
}

function requestPdu(
  { peer, callingAeTitle, contexts, userIdentity, extended = [], operations }: RequestOptions,
  { maxLength }: LocalLimits,
): AssociateRequest {
  if (contexts.length === 0 || contexts.length > 128)
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'presentation contexts',
      got: contexts.length,
      expected: '1 to 128',
    });
  const roles = contexts.flatMap(({ abstractSyntax: sopClassUid, roles: own }) =>
    own ? [{ sopClassUid, ...own }] : [],
  );
  return {
    type: 'A-ASSOCIATE-RQ',
    protocolVersion: 1,
    calledAeTitle: peer.aeTitle,
    callingAeTitle,
    applicationContext: APPLICATION_CONTEXT,
    contexts: contexts.map(({ abstractSyntax, transferSyntaxes }, i) => ({
      id: 2 * i + 1,
      abstractSyntax,
      transferSyntaxes,
    })),
    userInformation: {
      ...OWN_NAME,
      maxLength,
      roles: uniqueRoles(roles),
      extended,
      commonExtended: [],
      ...(operations === undefined ? {} : { asyncOperations: { invoked: operations, performed: 1 } }),
      ...(userIdentity ? { userIdentity } : {}),
    },
  };
}

function uniqueRoles(roles: readonly RoleSelection[]): RoleSelection[] {
  return [...new Map(roles.map((role) => [role.sopClassUid, role])).values()];
}

function open({ host, port, tls }: PeerAddress) {
  if (!tls) return { socket: connectTcp({ host, port }), openEvent: 'connect' } as const;
  return {
    socket: connectTls({ ...BCP_195, servername: host, ...tls, host, port }),
    openEvent: 'secureConnect',
  } as const;
}

function nameOf({ host, port, aeTitle }: PeerAddress): string {
  return `${aeTitle}@${host}:${port}`;
}
