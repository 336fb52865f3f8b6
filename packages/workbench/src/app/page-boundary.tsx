import { Component, type ReactNode } from 'react';
import styles from './shell.module.css';
import { texts } from './texts/use-texts.ts';

interface State {
  readonly problem?: string;
}

/** What goes wrong in a page stays in it: the bar above goes on. */
export class PageBoundary extends Component<{ readonly children: ReactNode }, State> {
  override state: State = {};

  static getDerivedStateFromError(error: unknown): State {
    return { problem: error instanceof Error ? error.message : String(error) };
  }

  override render(): ReactNode {
    const { app: t } = texts();
    if (this.state.problem === undefined) return this.props.children;
    return (
      <div role="alert" className={styles['waiting']}>
        <p>{t.failed}</p>
        <p>{this.state.problem}</p>
        <button type="button" onClick={() => this.setState({ problem: undefined } as unknown as State)}>
          {t.again}
        </button>
      </div>
    );
  }
}
