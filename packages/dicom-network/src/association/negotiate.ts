import {
  type AssociateAccept,
  type AssociateRequest,
  CONTEXT_RESULT,
  type ContextAnswer,
  type ExtendedNegotiation,
  type ProposedContext,
  type RoleSelection,
} from '../pdu/pdu.ts';
import type { AcceptedContext } from './accepted-context.ts';
import { OWN_NAME } from './local-limits.ts';

/** What an acceptor agrees to; of the rules that fit an abstract syntax the first counts. */
export interface ContextRule {
  /** A UID, or which UIDs. */
  readonly abstractSyntax: string | ((uid: string) => boolean);
  /** Preferred first; or whatever is proposed, in the proposer's order. */
  readonly transferSyntaxes: readonly string[] | 'as-proposed';
  /** Lets the requestor be the SCP too, where it asks to be: it then takes instances by C-GET or reports of commitment. */
  readonly requestorMayBeScp?: boolean;
  /** The answer to what a requestor asks of the service in particular (PS3.7 D.3.3.5); without it the item is passed over. */
  readonly extended?: (information: Uint8Array) => Uint8Array;
}

export interface Negotiated {
  readonly answers: readonly ContextAnswer[];
  readonly contexts: readonly AcceptedContext[];
  readonly roles: readonly RoleSelection[];
  readonly extended: readonly ExtendedNegotiation[];
}

/**
 * The acceptor's answer to each proposed context and each proposed role.
 *
 * @source PS3.8 7.1.1.13, 9.3.3.2; PS3.7 D.3.3.4
 */
export function negotiate(request: AssociateRequest, rules: readonly ContextRule[]): Negotiated {
  const roles = answerRoles(request, rules);
  const answers = request.contexts.map((proposed) => answerContext(proposed, rules));
  const contexts = request.contexts.flatMap((proposed, i) => {
    const answer = answers[i];
    if (answer?.result !== CONTEXT_RESULT.ACCEPTED) return [];
    const { id, abstractSyntax } = proposed;
    const role = roles.find(({ sopClassUid }) => sopClassUid === abstractSyntax);
    const localRoles = { scu: role?.scp ?? false, scp: role?.scu ?? true };
    return [{ id, abstractSyntax, transferSyntax: answer.transferSyntax, localRoles }];
  });
  return { answers, contexts, roles, extended: answerExtended(request, contexts, rules) };
}

interface OwnSide {
  readonly maxLength: number;
  /** Operations of the requestor that may be under way at a time. */
  readonly window: number;
  readonly userIdentityResponse?: Uint8Array;
}

/** The A-ASSOCIATE-AC that says so. */
export function acceptance(
  request: AssociateRequest,
  { answers, roles, extended }: Negotiated,
  { maxLength, window, userIdentityResponse }: OwnSide,
): AssociateAccept {
  return {
    type: 'A-ASSOCIATE-AC',
    protocolVersion: 1,
    calledAeTitle: request.calledAeTitle,
    callingAeTitle: request.callingAeTitle,
    applicationContext: request.applicationContext,
    contexts: answers,
    userInformation: {
      ...OWN_NAME,
      maxLength,
      roles,
      extended,
      commonExtended: [],
      // PS3.7 D.3.3.3: answered only where asked; what is asked of the requestor stays one at a time.
      ...(request.userInformation.asyncOperations ? { asyncOperations: { invoked: window, performed: 1 } } : {}),
      ...(userIdentityResponse ? { userIdentityResponse } : {}),
    },
  };
}

/** How many operations a requestor may have under way: as many as it asks for, at most `own`; one where it does not ask. */
export function windowFor({ userInformation }: AssociateRequest, own: number): number {
  const { invoked = 1 } = userInformation.asyncOperations ?? {};
  return invoked === 0 ? own : Math.min(invoked, own);
}

/** What an acceptance agreed on, as its requestor sees it. */
export function agreedContexts(request: AssociateRequest, accept: AssociateAccept): AcceptedContext[] {
  return request.contexts.flatMap(({ id, abstractSyntax, transferSyntaxes }) => {
    const answer = accept.contexts.find((each) => each.id === id);
    if (answer?.result !== CONTEXT_RESULT.ACCEPTED || !transferSyntaxes.includes(answer.transferSyntax)) return [];
    const ofClass = ({ sopClassUid }: RoleSelection) => sopClassUid === abstractSyntax;
    const asked = request.userInformation.roles.find(ofClass);
    const given = accept.userInformation.roles.find(ofClass);
    // PS3.7 D.3.3.4: without an answer the default roles stand.
    const localRoles =
      asked && given ? { scu: asked.scu && given.scu, scp: asked.scp && given.scp } : { scu: true, scp: false };
    return [{ id, abstractSyntax, transferSyntax: answer.transferSyntax, localRoles }];
  });
}

function ruleFor(abstractSyntax: string, rules: readonly ContextRule[]): ContextRule | undefined {
  return rules.find(({ abstractSyntax: own }) =>
    typeof own === 'string' ? own === abstractSyntax : own(abstractSyntax),
  );
}

function answerContext(
  { id, abstractSyntax, transferSyntaxes }: ProposedContext,
  rules: readonly ContextRule[],
): ContextAnswer {
  const rule = ruleFor(abstractSyntax, rules);
  const [first = ''] = transferSyntaxes;
  if (!rule) return { id, result: CONTEXT_RESULT.ABSTRACT_SYNTAX_NOT_SUPPORTED, transferSyntax: first };
  const { transferSyntaxes: own } = rule;
  const chosen = own === 'as-proposed' ? first : (own.find((uid) => transferSyntaxes.includes(uid)) ?? '');
  if (chosen === '') return { id, result: CONTEXT_RESULT.TRANSFER_SYNTAXES_NOT_SUPPORTED, transferSyntax: first };
  return { id, result: CONTEXT_RESULT.ACCEPTED, transferSyntax: chosen };
}

function answerRoles(request: AssociateRequest, rules: readonly ContextRule[]): RoleSelection[] {
  return request.userInformation.roles.flatMap(({ sopClassUid, scu, scp }) => {
    const rule = ruleFor(sopClassUid, rules);
    return rule ? [{ sopClassUid, scu, scp: scp && rule.requestorMayBeScp === true }] : [];
  });
}

function answerExtended(
  { userInformation }: AssociateRequest,
  contexts: readonly AcceptedContext[],
  rules: readonly ContextRule[],
): ExtendedNegotiation[] {
  return userInformation.extended.flatMap(({ sopClassUid, information }) => {
    const answer = ruleFor(sopClassUid, rules)?.extended?.(information);
    const isAccepted = contexts.some(({ abstractSyntax }) => abstractSyntax === sopClassUid);
    return answer && isAccepted ? [{ sopClassUid, information: answer }] : [];
  });
}
