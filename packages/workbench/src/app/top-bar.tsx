import { Link, useLocation } from 'wouter';
import { JobsIndicator } from './jobs-indicator.tsx';
import { useSession } from './session.tsx';
import styles from './shell.module.css';
import { chooseLanguage, LANGUAGES, type Language, language, useTexts } from './texts/use-texts.ts';

/** Where one can go, who is signed in, the language. */
export function TopBar() {
  const { app: t } = useTexts();
  const { me, can, signOut } = useSession();
  const [address] = useLocation();
  const places = [
    ['/', t.worklist],
    ['/models', t.models],
    ['/train', t.train],
    ...(can('server.manage') ? ([['/federations', t.federations]] as const) : []),
    ...(can('users.manage') ? ([['/users', t.users]] as const) : []),
    ...(can('audit.read') ? ([['/audit', t.audit]] as const) : []),
  ] as const;
  const isAt = (path: string) =>
    path === '/' ? !/^\/(models|train|graph|federations|users|audit|tokens)/.test(address) : address.startsWith(path);
  return (
    <header className={styles['bar']}>
      <strong className={styles['name']}>{t.name}</strong>
      <nav className={styles['places']}>
        {places.map(([path, title]) => (
          <Link key={path} href={path} aria-current={isAt(path) ? 'page' : undefined}>
            {title}
          </Link>
        ))}
      </nav>
      {can('jobs.read') && <JobsIndicator />}
      <select
        aria-label={t.language}
        value={language()}
        onChange={(event) => chooseLanguage(event.target.value as Language)}
      >
        {Object.entries(LANGUAGES).map(([code, title]) => (
          <option key={code} value={code}>
            {title}
          </option>
        ))}
      </select>
      <Link href="/tokens" aria-current={isAt('/tokens') ? 'page' : undefined}>
        {t.tokens}
      </Link>
      <span className={styles['who']}>{me.name}</span>
      <button type="button" onClick={() => void signOut()}>
        {t.signOut}
      </button>
    </header>
  );
}
