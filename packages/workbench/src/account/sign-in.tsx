import { ApiRefusal } from '@vesalius/api';
import { type FormEvent, useState } from 'react';
import { api, wordsOf } from '../app/api.ts';
import { useTexts } from '../app/texts/use-texts.ts';
import styles from './account.module.css';
import { rememberPassword } from './used-password.ts';

interface SignInProps {
  readonly done: () => void;
  /** Whether the house's own provider may be asked instead. */
  readonly openId: boolean;
}

/** Name and password; the session's cookie does the rest. */
export function SignIn({ done, openId }: SignInProps) {
  const { account: t, app } = useTexts();
  const [problem, setProblem] = useState('');
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const [name, password] = [String(fields.get('name')), String(fields.get('password'))];
    try {
      await api.call('signIn', { body: { name, password } });
      rememberPassword(password);
      done();
    } catch (error) {
      const wrong = error instanceof ApiRefusal && error.answer.code === 'WRONG_CREDENTIALS';
      setProblem(wrong ? t.wrong : wordsOf(error));
    }
  };
  return (
    <main className={styles['page']}>
      <form className={styles['form']} onSubmit={submit}>
        <h1>{app.name}</h1>
        <label>
          {t.name}
          <input name="name" autoComplete="username" required />
        </label>
        <label>
          {t.password}
          <input name="password" type="password" autoComplete="current-password" required />
        </label>
        <button type="submit">{t.signIn}</button>
        {openId && <a href="/api/open-id/sign-in">{t.signInWithProvider}</a>}
        <p role="alert" className={styles['problem']}>
          {problem}
        </p>
      </form>
    </main>
  );
}
