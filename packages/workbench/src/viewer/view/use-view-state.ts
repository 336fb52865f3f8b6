import { useSyncExternalStore } from 'react';
import type { ViewModel, ViewState } from './view-model.ts';

/** The state of the views; drawn again when it changes. */
export function useViewState(model: ViewModel): ViewState {
  return useSyncExternalStore(model.subscribe, () => model.state);
}
