import { SignIn } from '../account/sign-in.tsx';
import { api } from './api.ts';
import { Modal } from './modal.tsx';
import { useSession } from './session.tsx';
import styles from './shell.module.css';

interface SignInAgainProps {
  /** The same person is signed in again. */
  readonly done: () => void;
  readonly dismiss: () => void;
}

/** The sign-in over the page, which stays as it is; another person gets a page of their own. */
export function SignInAgain({ done, dismiss }: SignInAgainProps) {
  const { me } = useSession();
  const signedIn = async () => {
    const now = await api.call('me');
    if (now.name === me.name) done();
    else location.reload();
  };
  return (
    <Modal className={styles['again']} close={dismiss}>
      <SignIn openId={false} done={() => void signedIn()} />
    </Modal>
  );
}
