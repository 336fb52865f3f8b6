import type { RouteAnswer } from '@vesalius/api';
import { type FormEvent, useCallback, useEffect, useState } from 'react';
import { api, wordsOf } from '../app/api.ts';
import { useTexts } from '../app/texts/use-texts.ts';
import styles from './admin.module.css';

type Event = RouteAnswer<'findAudit'>[number];

const PAGE = 100;

/** Who did what: newest first, by action, person or thing; and whether anybody changed the log. */
export function AuditPage() {
  const { admin: t, worklist } = useTexts();
  const [events, setEvents] = useState<readonly Event[]>();
  const [filter, setFilter] = useState<Readonly<Record<string, string>>>({});
  const [said, setSaid] = useState('');
  const [more, setMore] = useState(false);
  const ask = useCallback(
    async (before?: number) => {
      const query = { ...filter, limit: PAGE, ...(before !== undefined && { before }) };
      const found = await api.call('findAudit', { query });
      setMore(found.length === PAGE);
      setEvents((known = []) => (before === undefined ? found : [...known, ...found]));
    },
    [filter],
  );
  const act = useCallback((step: () => Promise<void>) => {
    setSaid('');
    step().catch((error: unknown) => setSaid(wordsOf(error)));
  }, []);
  useEffect(() => act(ask), [act, ask]);
  const search = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = [...new FormData(event.currentTarget)].map(([name, value]) => [name, String(value).trim()] as const);
    setFilter(Object.fromEntries(fields.filter(([, value]) => value !== '')));
  };
  const verify = async () => {
    const { intact, events: count, broken } = await api.call('verifyAudit');
    setSaid(intact ? t.intact(count) : `${t.broken} ${broken?.sequence}: ${broken?.what}`);
  };
  return (
    <main className={styles['page']}>
      <h1>{t.audit}</h1>
      <form className={styles['inline']} onSubmit={search} aria-label={t.audit}>
        <label>
          {t.action} <input name="action" maxLength={100} />
        </label>
        <label>
          {t.principal} <input name="principal" maxLength={200} />
        </label>
        <label>
          {t.entity} <input name="entity" maxLength={200} />
        </label>
        <button type="submit">{t.find}</button>
        <button type="button" onClick={() => act(verify)}>
          {t.verify}
        </button>
        <span role="status">{said}</span>
      </form>
      <table className={styles['table']}>
        <thead>
          <tr>
            <th>{t.when}</th>
            <th>{t.action}</th>
            <th>{t.principal}</th>
            <th>{t.entity}</th>
            <th>{t.outcome}</th>
          </tr>
        </thead>
        <tbody>
          {events?.map(({ sequence, at, action, principal, from, entities = [], outcome }) => (
            <tr key={sequence}>
              <td>{new Date(at).toLocaleString()}</td>
              <td>{action}</td>
              <td>
                {principal} <small>{from}</small>
              </td>
              <td>{entities.map(({ kind, id }) => `${kind} ${id}`).join(', ')}</td>
              <td>{outcome}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {more && (
        <button type="button" onClick={() => act(() => ask(events?.at(-1)?.sequence))}>
          {worklist.more}
        </button>
      )}
    </main>
  );
}
