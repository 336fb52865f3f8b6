import { type ComponentType, lazy, Suspense } from 'react';
import { Route, Switch } from 'wouter';
import { ChangePassword } from '../account/change-password.tsx';
import { SignIn } from '../account/sign-in.tsx';
import { WorklistPage } from '../worklist/worklist-page.tsx';
import { ConnectionBanner } from './connection-banner.tsx';
import { LazyUnsentNotice } from './lazy-unsent-notice.tsx';
import { PageBoundary } from './page-boundary.tsx';
import { SessionGate } from './session.tsx';
import styles from './shell.module.css';
import { useTexts } from './texts/use-texts.ts';
import { TopBar } from './top-bar.tsx';

/** A page that is fetched when it is opened, by the name it is exported under. */
function page<Name extends string>(load: () => Promise<Readonly<Record<Name, ComponentType>>>, name: Name) {
  return lazy(async () => ({ default: (await load())[name] }));
}

const PAGES: Readonly<Record<string, ComponentType>> = {
  '/': WorklistPage,
  '/study/:study': page(() => import('../viewer/study-page.tsx'), 'StudyPage'),
  '/models': page(() => import('../models/models-page.tsx'), 'ModelsPage'),
  '/models/:model': page(() => import('../models/model-page.tsx'), 'ModelPage'),
  '/graph': page(() => import('../model-graph/graph-page.tsx'), 'GraphPage'),
  '/tokens': page(() => import('../admin/tokens-page.tsx'), 'TokensPage'),
  '/users': page(() => import('../admin/users-page.tsx'), 'UsersPage'),
  '/audit': page(() => import('../admin/audit-page.tsx'), 'AuditPage'),
  '/federations': page(() => import('../federate/federations-page.tsx'), 'FederationsPage'),
  '/train': page(() => import('../train/trainings-page.tsx'), 'TrainingsPage'),
  '/train/:training': page(() => import('../train/training-page.tsx'), 'TrainingPage'),
};

/** The whole page: the sign-in, or the bar with the page of the address below. */
export function App() {
  const { app: t } = useTexts();
  const waiting = <p className={styles['waiting']}>{t.loading}</p>;
  return (
    <SessionGate
      waiting={waiting}
      signIn={(done, openId) => <SignIn done={done} openId={openId} />}
      changePassword={(done) => <ChangePassword done={done} />}
      failed={(words, again) => (
        <p role="alert" className={styles['waiting']}>
          {words}{' '}
          <button type="button" onClick={again}>
            {t.again}
          </button>
        </p>
      )}
    >
      <div className={styles['shell']}>
        <TopBar />
        <div>
          <ConnectionBanner />
          <Route path="/">
            <Suspense>
              <LazyUnsentNotice />
            </Suspense>
          </Route>
        </div>
        <Suspense fallback={waiting}>
          <Switch>
            {Object.entries(PAGES).map(([path, Page]) => (
              <Route key={path} path={path}>
                <PageBoundary>
                  <Page />
                </PageBoundary>
              </Route>
            ))}
            <Route>
              <p className={styles['waiting']}>{t.nowhere}</p>
            </Route>
          </Switch>
        </Suspense>
      </div>
    </SessionGate>
  );
}
