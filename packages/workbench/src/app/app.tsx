import { type ComponentType, lazy, Suspense } from 'react';
import { Route, Switch } from 'wouter';
import { ChangePassword } from '../account/change-password.tsx';
import { SignIn } from '../account/sign-in.tsx';
import { WorklistPage } from '../worklist/worklist-page.tsx';
import { PageBoundary } from './page-boundary.tsx';
import { SessionGate } from './session.tsx';
import styles from './shell.module.css';
import { useTexts } from './texts/use-texts.ts';
import { TopBar } from './top-bar.tsx';

const FILES = import.meta.glob<Record<string, ComponentType>>([
  '../viewer/study-page.tsx',
  '../models/{models,model}-page.tsx',
  '../model-graph/graph-page.tsx',
  '../train/{trainings,training}-page.tsx',
]);

/** A page that is fetched when it is opened, by the name it is exported under. */
function page(file: string, name: string) {
  return lazy(async () => ({ default: (await FILES[file]?.())?.[name] ?? Nowhere }));
}

function Nowhere() {
  return <p className={styles['waiting']}>{useTexts().app.nowhere}</p>;
}

const PAGES: Readonly<Record<string, ComponentType>> = {
  '/': WorklistPage,
  '/study/:study': page('../viewer/study-page.tsx', 'StudyPage'),
  '/models': page('../models/models-page.tsx', 'ModelsPage'),
  '/models/:model': page('../models/model-page.tsx', 'ModelPage'),
  '/graph': page('../model-graph/graph-page.tsx', 'GraphPage'),
  '/train': page('../train/trainings-page.tsx', 'TrainingsPage'),
  '/train/:training': page('../train/training-page.tsx', 'TrainingPage'),
};

/** The whole page: the sign-in, or the bar with the page of the address below. */
export function App() {
  const { app: t } = useTexts();
  const waiting = <p className={styles['waiting']}>{t.loading}</p>;
  return (
    <SessionGate
      waiting={waiting}
      signIn={(done) => <SignIn done={done} />}
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
              <Nowhere />
            </Route>
          </Switch>
        </Suspense>
      </div>
    </SessionGate>
  );
}
