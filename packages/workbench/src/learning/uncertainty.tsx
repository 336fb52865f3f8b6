import type { MapMethod } from '@vesalius/api';
import { useState } from 'react';
import { api, wordsOf } from '../app/api.ts';
import { useTexts } from '../app/texts/use-texts.ts';
import type { ViewportHost } from '../viewer/viewport-contract.ts';
import styles from './learning.module.css';
import { useSimpleModels } from './use-simple-models.ts';

interface UncertaintyProps {
  readonly host: ViewportHost;
  readonly project: string;
}

const METHODS = ['entropy', 'mirrors', 'models'] as const satisfies readonly MapMethod[];
const ASK_EVERY_MS = 300;

/** Lays over the images where a model is unsure. The map stays in the study as a DICOM object. */
export function Uncertainty({ host, project }: UncertaintyProps) {
  const { learning: t } = useTexts();
  const models = useSimpleModels(project);
  const [chosen, setChosen] = useState('');
  const [method, setMethod] = useState<MapMethod>('entropy');
  const [state, setState] = useState<'off' | 'working' | 'shown'>('off');
  const [problem, setProblem] = useState('');
  const model = models.find(({ id }) => id === chosen) ?? models[0];
  if (!model) return null;
  const show = async () => {
    setProblem('');
    if (state === 'shown') {
      setState('off');
      return host.showMap(undefined);
    }
    setState('working');
    try {
      await host.showMap(await computed(model.id, host.series.seriesInstanceUid, method));
      setState('shown');
    } catch (error) {
      setState('off');
      setProblem(wordsOf(error));
    }
  };
  return (
    <fieldset className={styles['row']} aria-label={t.uncertainty}>
      <button type="button" aria-pressed={state === 'shown'} disabled={state === 'working'} onClick={() => void show()}>
        {t.uncertainty}
      </button>
      <select aria-label={t.model} value={model.id} onChange={({ target }) => setChosen(target.value)}>
        {models.map(({ id }) => (
          <option key={id} value={id}>
            {id}
          </option>
        ))}
      </select>
      <select aria-label={t.method} value={method} onChange={({ target }) => setMethod(target.value as MapMethod)}>
        {METHODS.map((one) => (
          <option key={one} value={one}>
            {t.methods[one]}
          </option>
        ))}
      </select>
      <span role="status">{state === 'working' ? t.computing : state === 'shown' ? t.brightIsUnsure : ''}</span>
      {problem !== '' && <span role="alert">{problem}</span>}
    </fieldset>
  );
}

interface StoredMap {
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
}

async function computed(model: string, series: string, method: MapMethod): Promise<StoredMap> {
  const { job: id } = await api.call('mapUncertainty', { params: { model }, body: { series, method } });
  for (;;) {
    const job = await api.call('getJob', { params: { job: id } });
    if (job.state === 'failed' || job.state === 'cancelled') throw new TypeError(job.error?.message ?? job.state);
    if (job.state === 'succeeded') {
      const { series: seriesInstanceUid, instance: sopInstanceUid } = job.result as Record<
        'series' | 'instance',
        string
      >;
      return { seriesInstanceUid, sopInstanceUid };
    }
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
}
