import { type ChangeEvent, useEffect, useRef, useState } from 'react';
import { useTexts } from '../app/texts/use-texts.ts';
import { droppedFiles } from './dropped-files.ts';
import { type ImportState, importFiles } from './import-files.ts';
import styles from './worklist.module.css';

/** Files and folders, by dropping them anywhere on the page or by choosing them; what is refused is named with its reason. */
export function DropImport({ imported }: { readonly imported: () => void }) {
  const { worklist: t } = useTexts();
  const [state, setState] = useState<ImportState>();
  const [over, setOver] = useState(false);
  const control = useRef<AbortController>(undefined);

  const begin = async (files: readonly File[]) => {
    if (files.length === 0) return;
    control.current = new AbortController();
    setState(await importFiles(files, { signal: control.current.signal, onProgress: setState }));
    imported();
  };
  useEffect(() => onDrop({ over: setOver, drop: (files) => void begin(files) }));
  const choose = (event: ChangeEvent<HTMLInputElement>) => void begin([...(event.target.files ?? [])]);
  return (
    <>
      <label className={styles['file']}>
        {t.importFiles}
        <input type="file" multiple onChange={choose} />
      </label>
      <label className={styles['file']}>
        {t.importFolder}
        <input type="file" multiple onChange={choose} {...{ webkitdirectory: '' }} />
      </label>
      {over && <div className={styles['over']}>{t.dropHere}</div>}
      {state && (
        <section className={styles['import']} aria-live="polite">
          <progress value={state.done} max={state.total} aria-label={t.import} />
          <span>{t.importing(state.done, state.total)}</span>
          <span>{t.imported(state.stored, state.refused.length)}</span>
          <ul>
            {state.refused.slice(0, 50).map(({ name, why }) => (
              <li key={name}>
                {name}: {why}
              </li>
            ))}
          </ul>
          {state.ended ? (
            <button type="button" onClick={() => setState(undefined)}>
              {t.close}
            </button>
          ) : (
            <button type="button" onClick={() => control.current?.abort()}>
              {t.stop}
            </button>
          )}
        </section>
      )}
    </>
  );
}

interface DropTarget {
  readonly over: (over: boolean) => void;
  readonly drop: (files: readonly File[]) => void;
}

function onDrop({ over, drop }: DropTarget): () => void {
  const control = new AbortController();
  const on = <Name extends 'dragover' | 'dragleave' | 'drop'>(name: Name, act: (event: DragEvent) => void) =>
    document.addEventListener(name, act, control);
  on('dragover', (event) => {
    event.preventDefault();
    over(true);
  });
  on('dragleave', (event) => over(event.relatedTarget !== null));
  on('drop', (event) => {
    event.preventDefault();
    over(false);
    if (event.dataTransfer) void droppedFiles(event.dataTransfer).then(drop);
  });
  return () => control.abort();
}
