import { useEffect, useMemo, useState } from 'react';
import { isTyped } from '../app/is-typed.ts';
import { STUDY_PANELS } from '../app/study-slots.ts';
import { useTexts } from '../app/texts/use-texts.ts';
import { HelpDialog } from './help-dialog.tsx';
import { MeasureList } from './measure-list.tsx';
import { OverlayList } from './overlay-list.tsx';
import { PanelSlot } from './panel-slot.tsx';
import { SeriesList } from './series-list.tsx';
import { Stage } from './stage.tsx';
import type { ViewerSeries, ViewerStudy } from './study/viewer-series.ts';
import styles from './study.module.css';
import { Toolbar } from './toolbar.tsx';
import { createHost } from './view/create-host.ts';
import { type LayoutName, layoutsOf, usualLayout } from './view/layouts.ts';
import { usePlaying } from './view/play.ts';
import { useShortcuts } from './view/shortcuts.ts';
import { useModel } from './view/use-model.ts';
import { useViewState } from './view/use-view-state.ts';
import type { ViewModel } from './view/view-model.ts';

interface StudyViewProps {
  readonly study: ViewerStudy;
  readonly series: ViewerSeries;
  readonly choose: (series: ViewerSeries) => void;
}

/** The series of a study beside the views of one of them. */
export function StudyView({ study, series, choose }: StudyViewProps) {
  const model = useModel(series);
  return (
    <main className={styles['page']}>
      <SeriesList series={study.series} chosen={series.seriesInstanceUid} choose={choose} />
      {model && <Workplace key={series.seriesInstanceUid} model={model} study={study} />}
    </main>
  );
}

function Workplace({ model, study }: { readonly model: ViewModel; readonly study: ViewerStudy }) {
  const { viewer: t } = useTexts();
  const layouts = useMemo(() => layoutsOf(model.series, study.series), [model, study]);
  const [layout, setLayout] = useState<LayoutName>(() => usualLayout(model.series, study.series));
  const [panel, setPanel] = useState(() => new URLSearchParams(location.search).get('panel') ?? '');
  const [help, setHelp] = useState(false);
  const host = useMemo(() => createHost(model), [model]);
  const { playing } = useViewState(model);
  usePlaying(model, playing);
  useShortcuts(model);
  useEffect(() => {
    const onKey = ({ key, target }: KeyboardEvent) => key === '?' && !isTyped(target) && setHelp(true);
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  const chosen = STUDY_PANELS.find(({ id }) => id === panel);
  return (
    <>
      <div className={styles['middle']}>
        <Toolbar {...{ model, layouts, layout, setLayout }} openHelp={() => setHelp(true)} />
        <Stage {...{ model, study, layout }} />
      </div>
      <aside className={styles['side']} aria-label={t.panels}>
        <div className={styles['tabs']} role="tablist">
          {[{ id: '', title: () => t.details }, ...STUDY_PANELS].map(({ id, title }) => (
            <button key={id} type="button" role="tab" aria-selected={id === panel} onClick={() => setPanel(id)}>
              {title()}
            </button>
          ))}
        </div>
        {chosen ? (
          <PanelSlot key={chosen.id} panel={chosen} host={host} />
        ) : (
          <>
            <h2>{t.overlays}</h2>
            <OverlayList model={model} overlays={study.overlays} />
            <h2>{t.measurements}</h2>
            <MeasureList model={model} />
          </>
        )}
      </aside>
      {help && <HelpDialog close={() => setHelp(false)} />}
    </>
  );
}
