import { useEffect, useState } from 'react';
import { useTexts } from '../app/texts/use-texts.ts';
import type { ShownSeries } from '../viewer/viewport-contract.ts';
import styles from './annotate.module.css';
import { guessChannels, type StudySeries } from './guess-channels.ts';

interface ChannelMenuProps {
  readonly shown: ShownSeries;
  /** Of the model. */
  readonly channels: readonly string[];
  /** Told the series of each channel, at once and after each choice. */
  readonly choose: (series: readonly string[]) => void;
}

/** Which series of the study each channel of a model is given; the names of both say what is likely. */
export function ChannelMenu({ shown, channels, choose }: ChannelMenuProps) {
  const { annotate: t } = useTexts();
  const [series, setSeries] = useState<readonly StudySeries[]>([]);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const { studyInstanceUid, seriesInstanceUid } = shown;
  const take = (next: readonly string[]) => {
    setChosen(next);
    choose(next);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is chosen is guessed once for a study and a model
  useEffect(() => {
    fetchSeries(studyInstanceUid).then(
      (found) => {
        setSeries(found);
        take(guessChannels(channels, found, seriesInstanceUid));
      },
      () => setSeries([]),
    );
  }, [studyInstanceUid, seriesInstanceUid, channels.join()]);
  return channels.map((channel, i) => (
    <label key={channel} className={styles['check']}>
      {t.channel(channel)}
      <select
        value={chosen[i] ?? ''}
        onChange={({ target }) => take(channels.map((_, at) => (at === i ? target.value : (chosen[at] ?? ''))))}
      >
        {series.map(({ uid, name }) => (
          <option key={uid} value={uid}>
            {name}
          </option>
        ))}
      </select>
    </label>
  ));
}

const NO_IMAGES = ['SEG', 'RTSTRUCT', 'SR', 'PR', 'KO', 'REG', 'DOC', 'RTDOSE', 'RTPLAN'];

/** The image series of a study. @throws TypeError */
async function fetchSeries(study: string): Promise<readonly StudySeries[]> {
  const answer = await fetch(`/dicom-web/studies/${study}/series?includefield=SeriesDescription`, {
    headers: { accept: 'application/dicom+json' },
  });
  if (!answer.ok) throw new TypeError(`${answer.status} ${answer.statusText}`);
  const found = answer.status === 204 ? [] : ((await answer.json()) as Record<string, { Value?: unknown[] }>[]);
  return found.flatMap((one) => {
    const value = (tag: string) => String(one[tag]?.Value?.[0] ?? '');
    const [modality, number, description] = [value('00080060'), value('00200011'), value('0008103E')];
    const name = [number, modality, description].filter(Boolean).join(' ');
    return NO_IMAGES.includes(modality) ? [] : [{ uid: value('0020000E'), name }];
  });
}
