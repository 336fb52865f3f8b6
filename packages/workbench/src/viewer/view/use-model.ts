import { useEffect, useState } from 'react';
import type { ViewerSeries } from '../study/viewer-series.ts';
import { ViewModel } from './view-model.ts';

/** The state of a series while it is shown; its requests end with it. */
export function useModel(series: ViewerSeries): ViewModel | undefined {
  const [model, setModel] = useState<ViewModel>();
  useEffect(() => {
    const opened = new ViewModel(series);
    setModel(opened);
    return () => opened.close();
  }, [series]);
  return model?.series === series ? model : undefined;
}
