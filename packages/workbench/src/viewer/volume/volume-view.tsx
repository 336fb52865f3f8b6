import { useEffect, useRef, useState } from 'react';
import { wordsOf } from '../../app/api.ts';
import { useTexts } from '../../app/texts/use-texts.ts';
import { createHost } from '../view/create-host.ts';
import styles from '../view/view.module.css';
import type { ViewModel } from '../view/view-model.ts';
import { renderVolume } from './render-volume.ts';

/** The volume in three dimensions, as soon as all of it is here. */
export function VolumeView({ model }: { readonly model: ViewModel }) {
  const { viewer: t } = useTexts();
  const element = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<'loading' | 'shown' | { readonly failed: string }>('loading');
  useEffect(() => {
    const stop = new AbortController();
    let end: (() => void) | undefined;
    const { grid, modality } = model.series;
    const show = async () => {
      const voxels = await createHost(model).series.voxels(stop.signal);
      if (!grid || !element.current || stop.signal.aborted) return;
      end = await renderVolume({ element: element.current, grid, voxels, modality });
      if (stop.signal.aborted) end();
      else setState('shown');
    };
    show().catch((error: unknown) => stop.signal.aborted || setState({ failed: wordsOf(error) }));
    return () => {
      stop.abort();
      end?.();
    };
  }, [model]);
  return (
    <section
      className={styles['view']}
      aria-label={t.threeD}
      data-three-d={typeof state === 'string' ? state : 'failed'}
    >
      <div ref={element} className={styles['surface']} />
      {state === 'loading' && <p className={styles['note']}>{t.loadingVolume}</p>}
      {typeof state === 'object' && (
        <p role="alert" className={styles['failure']}>
          {t.noThreeD} {state.failed}
        </p>
      )}
    </section>
  );
}
