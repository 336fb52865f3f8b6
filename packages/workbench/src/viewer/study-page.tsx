import { useEffect, useState } from 'react';
import { useParams, useSearchParams } from 'wouter';
import { wordsOf } from '../app/api.ts';
import { useTexts } from '../app/texts/use-texts.ts';
import { fetchStudy } from './study/fetch-study.ts';
import type { ViewerStudy } from './study/viewer-series.ts';
import styles from './study.module.css';
import { StudyView } from './study-view.tsx';

/** A study: its series, the views, what is done with them. The address names the study, `?series=` a series. */
export function StudyPage() {
  const { viewer: t } = useTexts();
  const { study: uid = '' } = useParams<{ study: string }>();
  const [search, setSearch] = useSearchParams();
  const [study, setStudy] = useState<ViewerStudy | { readonly failed: string }>();
  useEffect(() => {
    const stop = new AbortController();
    setStudy(undefined);
    fetchStudy(uid, stop.signal)
      .then(setStudy)
      .catch((error: unknown) => stop.signal.aborted || setStudy({ failed: wordsOf(error) }));
    return () => stop.abort();
  }, [uid]);
  if (!study) return <p className={styles['message']}>{t.loadingStudy}</p>;
  if ('failed' in study)
    return (
      <p role="alert" className={styles['message']}>
        {t.studyFailed} {study.failed}
      </p>
    );
  const series =
    study.series.find(({ seriesInstanceUid }) => seriesInstanceUid === search.get('series')) ?? study.series[0];
  if (!series) return <p className={styles['message']}>{t.noImages}</p>;
  return (
    <StudyView
      study={study}
      series={series}
      choose={({ seriesInstanceUid }) => setSearch({ series: seriesInstanceUid }, { replace: true })}
    />
  );
}
