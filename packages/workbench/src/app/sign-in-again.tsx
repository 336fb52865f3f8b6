import { useEffect, useRef } from 'react';
import { SignIn } from '../account/sign-in.tsx';
import { api } from './api.ts';
import { useSession } from './session.tsx';
import styles from './shell.module.css';

interface SignInAgainProps {
  /** The same person is signed in again. */
  readonly done: () => void;
  readonly dismiss: () => void;
}

/** The sign-in over the page, which stays as it is; another person gets a page of their own. */
export function SignInAgain({ done, dismiss }: SignInAgainProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const { me } = useSession();
  useEffect(() => dialog.current?.showModal(), []);
  const signedIn = async () => {
    const now = await api.call('me');
    if (now.name === me.name) done();
    else location.reload();
  };
  return (
    <dialog ref={dialog} className={styles['again']} onClose={dismiss}>
      <SignIn done={() => void signedIn()} />
    </dialog>
  );
}
