import type { Permission, RouteAnswer } from '@vesalius/api';
import { type FormEvent, useCallback, useEffect, useState } from 'react';
import { api, wordsOf } from '../app/api.ts';
import { useSession } from '../app/session.tsx';
import { useTexts } from '../app/texts/use-texts.ts';
import styles from './admin.module.css';

type Token = RouteAnswer<'listTokens'>[number];

/** The own API tokens: made with some of the own permissions, shown once, revoked. */
export function TokensPage() {
  const { admin: t } = useTexts();
  const { me } = useSession();
  const [tokens, setTokens] = useState<readonly Token[]>();
  const [made, setMade] = useState('');
  const [problem, setProblem] = useState('');
  const tell = useCallback((error: unknown) => setProblem(wordsOf(error)), []);
  const reload = useCallback(() => api.call('listTokens').then(setTokens, tell), [tell]);
  useEffect(() => void reload(), [reload]);
  const make = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    const body = {
      name: String(fields.get('name')),
      permissions: fields.getAll('permission') as Permission[],
      days: Number(fields.get('days')),
    };
    setProblem('');
    api
      .call('createToken', { body })
      .then(({ token }) => {
        setMade(token);
        form.reset();
        return reload();
      })
      .catch(tell);
  };
  const revoke = (token: string) => api.call('revokeToken', { params: { token } }).then(reload, tell);
  return (
    <main className={styles['page']}>
      <h1>{t.tokens}</h1>
      <p className={styles['note']}>{t.tokensWhy}</p>
      {made !== '' && (
        <p role="status" className={styles['once']}>
          {t.shownOnce} <code>{made}</code>{' '}
          <button type="button" onClick={() => void navigator.clipboard.writeText(made).catch(tell)}>
            {t.copy}
          </button>
        </p>
      )}
      {problem !== '' && <p role="alert">{problem}</p>}
      {tokens && tokens.length > 0 && (
        <table className={styles['table']}>
          <thead>
            <tr>
              <th>{t.name}</th>
              <th>{t.permissions}</th>
              <th>{t.until}</th>
              <th aria-label={t.revoke} />
            </tr>
          </thead>
          <tbody>
            {tokens.map(({ id, name, permissions, expiresAt }) => (
              <tr key={id}>
                <td>{name}</td>
                <td>{permissions.join(', ')}</td>
                <td>{new Date(expiresAt).toLocaleDateString()}</td>
                <td>
                  <button type="button" onClick={() => void revoke(id)}>
                    {t.revoke}
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <form className={styles['form']} onSubmit={make} aria-label={t.newToken}>
        <h2>{t.newToken}</h2>
        <label>
          {t.name}
          <input name="name" required maxLength={100} />
        </label>
        <label>
          {t.days}
          <input name="days" type="number" min={1} max={366} defaultValue={90} required />
        </label>
        <fieldset>
          <legend>{t.permissions}</legend>
          {me.permissions.map(({ permission }) => (
            <label key={permission} className={styles['check']}>
              <input type="checkbox" name="permission" value={permission} /> {permission}
            </label>
          ))}
        </fieldset>
        <button type="submit">{t.make}</button>
      </form>
    </main>
  );
}
