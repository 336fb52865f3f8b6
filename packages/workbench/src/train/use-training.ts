import type { ScalarSeries, TrainingAnswer } from '@vesalius/api';
import { useCallback, useEffect, useState } from 'react';
import { api, wordsOf } from '../app/api.ts';

const STATES = ['preparing', 'running', 'paused', 'succeeded', 'failed', 'stopped'] as const;
/** Curves and log are asked for at most this often. */
const CALM_MS = 1000;

export interface TrainingFile {
  readonly path: string;
  readonly bytes: number;
}

interface Watched {
  readonly training: TrainingAnswer | undefined;
  readonly scalars: readonly ScalarSeries[];
  readonly log: string;
  readonly files: readonly TrainingFile[];
  readonly problem: string;
  /** The server was lost; the browser tries again by itself. */
  readonly lost: boolean;
  reload(): void;
}

/** A training as it goes on: its state by the server's events, its curves and log after them. */
export function useTraining(id: string): Watched {
  const [training, setTraining] = useState<TrainingAnswer>();
  const [scalars, setScalars] = useState<readonly ScalarSeries[]>([]);
  const [log, setLog] = useState('');
  const [files, setFiles] = useState<readonly TrainingFile[]>([]);
  const [problem, setProblem] = useState('');
  const [lost, setLost] = useState(false);
  const reload = useCallback(() => {
    const failed = (error: unknown): void => setProblem(wordsOf(error));
    api.call('getTraining', { params: { training: id } }).then(setTraining, failed);
    api.call('getScalars', { params: { training: id } }).then(setScalars, () => undefined);
    listFiles(id).then(
      async (found) => {
        setFiles(found);
        setLog(await readLog(id, found));
      },
      () => undefined,
    );
  }, [id]);
  useEffect(reload, [reload]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const events = new EventSource(`/api/trainings/${encodeURIComponent(id)}/events`);
    const heard = (): void => {
      setLost(false);
      timer ??= setTimeout(() => {
        timer = undefined;
        reload();
      }, CALM_MS);
    };
    for (const state of [...STATES, 'message']) events.addEventListener(state, heard);
    for (const state of ['succeeded', 'failed', 'stopped']) events.addEventListener(state, () => events.close());
    events.addEventListener('error', () => setLost(events.readyState === EventSource.CONNECTING));
    return () => {
      clearTimeout(timer);
      events.close();
    };
  }, [id, reload]);
  return { training, scalars, log, files, problem, lost, reload };
}

const TAIL_BYTES = 64 * 1024;

async function listFiles(id: string): Promise<readonly TrainingFile[]> {
  const answer = await fetch(`/api/trainings/${encodeURIComponent(id)}/files`);
  return answer.ok ? ((await answer.json()) as TrainingFile[]) : [];
}

async function readLog(id: string, files: readonly TrainingFile[]): Promise<string> {
  const log = files.find(({ path }) => path.endsWith('log.jsonl'));
  if (!log) return '';
  const answer = await fetch(trainingFile(id, log.path), { headers: { range: `bytes=-${TAIL_BYTES}` } });
  return answer.ok ? answer.text() : '';
}

/** Address of a file of a training's folder. */
export function trainingFile(id: string, path: string): string {
  return `/api/trainings/${encodeURIComponent(id)}/files/${path.split('/').map(encodeURIComponent).join('/')}`;
}
