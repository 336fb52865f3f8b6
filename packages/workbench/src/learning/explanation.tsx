import type { ModelAnswer } from '@vesalius/api';
import { useEffect, useState } from 'react';
import { ChannelMenu } from '../annotate/channel-menu.tsx';
import { api, wordsOf } from '../app/api.ts';
import { useTexts } from '../app/texts/use-texts.ts';
import type { ViewportHost } from '../viewer/viewport-contract.ts';
import styles from './learning.module.css';

interface ExplanationProps {
  readonly host: ViewportHost;
  readonly project: string;
}

interface KeptMap {
  readonly name: string;
  readonly series: string;
  readonly instance: string;
}

const ASK_EVERY_MS = 300;

/** Lays over the images what a model weighed: the gates of a TransUNet++, the shares of modalities. The maps stay in the study as DICOM objects. */
export function Explanation({ host, project }: ExplanationProps) {
  const { learning: t } = useTexts();
  const models = useExplainedModels(project);
  const [chosen, setChosen] = useState('');
  const [channels, setChannels] = useState<readonly string[]>([]);
  const [maps, setMaps] = useState<readonly KeptMap[]>([]);
  const [shown, setShown] = useState(0);
  const [working, setWorking] = useState(false);
  const [problem, setProblem] = useState('');
  const model = models.find(({ id }) => id === chosen) ?? models[0];
  const { seriesInstanceUid: series } = host.series;
  if (!model) return null;
  const lay = async (found: readonly KeptMap[], at: number) => {
    const map = found[at];
    setShown(at);
    await host.showMap(map && { seriesInstanceUid: map.series, sopInstanceUid: map.instance });
  };
  const turn = async () => {
    setProblem('');
    if (maps.length > 0) {
      setMaps([]);
      return host.showMap(undefined);
    }
    setWorking(true);
    try {
      const found = await explained(model, series, model.channels.length === 1 ? [series] : channels);
      await lay(found, 0);
      setMaps(found);
    } catch (error) {
      setProblem(wordsOf(error));
    }
    setWorking(false);
  };
  return (
    <fieldset className={styles['row']} aria-label={t.explanation}>
      <button type="button" aria-pressed={maps.length > 0} disabled={working} onClick={() => void turn()}>
        {t.explanation}
      </button>
      <select
        aria-label={t.model}
        value={model.id}
        disabled={maps.length > 0}
        onChange={({ target }) => setChosen(target.value)}
      >
        {models.map(({ id }) => (
          <option key={id} value={id}>
            {id}
          </option>
        ))}
      </select>
      {maps.length === 0 && model.channels.length > 1 && (
        <ChannelMenu shown={host.series} channels={model.channels} choose={setChannels} />
      )}
      {maps.length > 0 && (
        <select
          aria-label={t.shownMap}
          value={shown}
          onChange={({ target }) => {
            lay(maps, Number(target.value)).catch((error: unknown) => setProblem(wordsOf(error)));
          }}
        >
          {maps.map(({ name, instance }, i) => (
            <option key={instance} value={i}>
              {name}
            </option>
          ))}
        </select>
      )}
      <span role="status">
        {working ? t.computing : maps.length > 0 && model.explains ? t.explains[model.explains] : ''}
      </span>
      {problem !== '' && <span role="alert">{problem}</span>}
    </fieldset>
  );
}

/** The models of a project that can show what they weighed, newest first. */
function useExplainedModels(project: string): readonly ModelAnswer[] {
  const [models, setModels] = useState<readonly ModelAnswer[]>([]);
  useEffect(() => {
    api.call('listModels').then(
      (found) => setModels(found.filter((one) => one.explains !== undefined && one.project === project)),
      () => setModels([]),
    );
  }, [project]);
  return models;
}

async function explained(model: ModelAnswer, series: string, channels: readonly string[]): Promise<readonly KeptMap[]> {
  const { jobs } = await api.call('predict', {
    params: { model: model.id },
    body: { series: [{ series, channels: [...channels] }], keep: 'explanation' },
  });
  for (;;) {
    const job = await api.call('getJob', { params: { job: jobs[0] ?? '' } });
    if (job.state === 'failed' || job.state === 'cancelled') throw new TypeError(job.error?.message ?? job.state);
    if (job.state === 'succeeded') return (job.result as { readonly maps: readonly KeptMap[] }).maps;
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
}
