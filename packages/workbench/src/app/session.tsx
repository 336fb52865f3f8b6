import { ApiRefusal, type Permission, type RouteAnswer } from '@vesalius/api';
import { createContext, type ReactNode, use, useCallback, useEffect, useMemo, useState } from 'react';
import { api, wordsOf } from './api.ts';

type Me = RouteAnswer<'me'>;

/** Who is signed in, and what may be done. */
export interface Session {
  readonly me: Me;
  /** Whether the permission is held, for some project or for the one named. */
  can(permission: Permission, project?: string): boolean;
  signOut(): Promise<void>;
}

type State =
  | { readonly kind: 'asking' }
  | { readonly kind: 'nobody'; readonly openId: boolean }
  | { readonly kind: 'must change'; readonly me?: Me }
  | { readonly kind: 'in'; readonly me: Me }
  | { readonly kind: 'failed'; readonly words: string };

const Context = createContext<Session | undefined>(undefined);

/** The session that the page stands in. */
export function useSession(): Session {
  const session = use(Context);
  if (session === undefined) throw new TypeError('no session here');
  return session;
}

interface Parts {
  readonly waiting: ReactNode;
  readonly signIn: (done: () => void, openId: boolean) => ReactNode;
  readonly changePassword: (done: () => void) => ReactNode;
  readonly failed: (words: string, again: () => void) => ReactNode;
  readonly children: ReactNode;
}

/** Shows its children to who is signed in, the sign-in to others. */
export function SessionGate({ waiting, signIn, changePassword, failed, children }: Parts): ReactNode {
  const [state, setState] = useState<State>({ kind: 'asking' });
  const ask = useCallback(() => void stateNow().then(setState), []);
  useEffect(ask, [ask]);
  const session = useMemo(() => (state.kind === 'in' ? sessionOf(state.me, ask) : undefined), [state, ask]);
  switch (state.kind) {
    case 'asking':
      return waiting;
    case 'nobody':
      return signIn(ask, state.openId);
    case 'must change':
      return changePassword(ask);
    case 'failed':
      return failed(state.words, ask);
    default:
      return <Context value={session}>{children}</Context>;
  }
}

async function stateNow(): Promise<State> {
  try {
    const { me, openId } = await api.call('session');
    if (!me) return { kind: 'nobody', openId };
    return me.mustChangePassword ? { kind: 'must change', me } : { kind: 'in', me };
  } catch (error) {
    if (error instanceof ApiRefusal && error.answer.code === 'PASSWORD_CHANGE_NEEDED') return { kind: 'must change' };
    return { kind: 'failed', words: wordsOf(error) };
  }
}

function sessionOf(me: Me, ask: () => void): Session {
  return {
    me,
    can: (permission, project) =>
      me.permissions.some(
        ({ permission: held, projects }) =>
          held === permission && (projects === 'all' || project === undefined || projects.includes(project)),
      ),
    signOut: async () => {
      await api.call('signOut');
      ask();
    },
  };
}
