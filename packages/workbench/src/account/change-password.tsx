import { type FormEvent, useState } from 'react';
import { api, wordsOf } from '../app/api.ts';
import { useTexts } from '../app/texts/use-texts.ts';
import styles from './account.module.css';
import { knowsPassword, rememberPassword, takePassword } from './used-password.ts';

/** The first sign-in: the one-time password is used up. */
export function ChangePassword({ done }: { readonly done: () => void }) {
  const { account: t } = useTexts();
  const [problem, setProblem] = useState('');
  const [asksOld] = useState(!knowsPassword());
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const old = asksOld ? String(fields.get('old')) : takePassword();
    try {
      await api.call('changePassword', { body: { old, new: String(fields.get('new')) } });
      done();
    } catch (error) {
      if (!asksOld) rememberPassword(old);
      setProblem(wordsOf(error));
    }
  };
  return (
    <main className={styles['page']}>
      <form className={styles['form']} onSubmit={submit}>
        <h1>{t.change}</h1>
        <p>{t.changeWhy}</p>
        {asksOld && (
          <label>
            {t.password}
            <input name="old" type="password" autoComplete="current-password" required />
          </label>
        )}
        <label>
          {t.newPassword}
          <input name="new" type="password" autoComplete="new-password" minLength={12} required />
        </label>
        <button type="submit">{t.save}</button>
        <p role="alert" className={styles['problem']}>
          {problem}
        </p>
      </form>
    </main>
  );
}
