import type { Triple } from '@vesalius/volume';
import { Suspense, useEffect, useRef, useState } from 'react';
import { wordsOf } from '../app/api.ts';
import { LazyLearningTools } from '../app/lazy-learning.tsx';
import { useTexts } from '../app/texts/use-texts.ts';
import type { ViewportHost } from '../viewer/viewport-contract.ts';
import styles from './annotate.module.css';
import type { AnnotationWork } from './annotation-work.ts';
import { ClickSession } from './click-session.ts';
import { LabelList } from './label-list.tsx';
import { ModelMenu } from './model-menu.tsx';
import { ReviewBox } from './review-box.tsx';
import { SaveLine } from './save-line.tsx';
import { type ToolName, toolOf } from './tools.ts';
import { useWork } from './use-work.ts';

/** Draws and corrects the own label map of the series that is shown. */
export function Panel({ host }: { readonly host: ViewportHost }) {
  const { annotate: t } = useTexts();
  const { work, problem } = useWork(host);
  if (problem !== '')
    return (
      <p role="alert" className={styles['problem']}>
        {problem}
      </p>
    );
  if (!work) return <p className={styles['note']}>{t.opening}</p>;
  return (
    <div className={styles['panel']}>
      {work.isOpen ? <Editing work={work} /> : <p className={styles['note']}>{t[work.draft.state]}</p>}
      <ReviewBox work={work} />
      <Suspense>
        <LazyLearningTools host={host} project={work.draft.project} />
      </Suspense>
    </div>
  );
}

const TOOLS: readonly (readonly [name: ToolName, key: string])[] = [
  ['brush', 'b'],
  ['eraser', 'e'],
  ['threshold', 't'],
  ['region', 'g'],
  ['click', 'c'],
];

function Editing({ work }: { readonly work: AnnotationWork }) {
  const { annotate: t } = useTexts();
  const [name, setName] = useState<ToolName | ''>('');
  const [value, setValue] = useState(work.labels[0]?.value ?? 1);
  const [radiusMm, setRadius] = useState(4);
  const [tolerance, setTolerance] = useState(50);
  const [through, setThrough] = useState(false);
  const [model, setModel] = useState('');
  const [problem, setProblem] = useState('');
  const clicks = useRef<ClickSession>(undefined);
  useEffect(() => {
    clicks.current = model === '' ? undefined : new ClickSession(work, model);
  }, [work, model]);
  useEffect(() => {
    const color = work.labels.find((label) => label.value === value)?.color ?? '#ffffff';
    const click = (voxel: Triple, isBackground: boolean) => {
      setProblem(clicks.current ? '' : t.noInteractive);
      clicks.current
        ?.add({ voxel, value: isBackground ? 0 : value })
        .catch((error: unknown) => setProblem(wordsOf(error)));
    };
    const choice = { value, color, radiusMm, tolerance, through };
    work.host.takeTool(name === '' ? undefined : toolOf(work, { name, ...choice }, click));
    return () => work.host.takeTool(undefined);
  }, [work, name, value, radiusMm, tolerance, through, work.labels, t]);
  useKeys(work, (key) => {
    const tool = TOOLS.find(([, shortcut]) => shortcut === key)?.[0];
    if (tool) setName((before) => (before === tool ? '' : tool));
  });
  return (
    <>
      <div className={styles['tools']} role="toolbar" aria-label={t.tools}>
        {TOOLS.map(([tool, key]) => (
          <button
            key={tool}
            type="button"
            aria-pressed={name === tool}
            title={`${t.tool[tool]} (${key})`}
            onClick={() => setName(name === tool ? '' : tool)}
          >
            {t.tool[tool]}
          </button>
        ))}
        <button type="button" disabled={!work.history.canUndo} title="Ctrl+Z" onClick={() => undo(work)}>
          {t.undo}
        </button>
        <button type="button" disabled={!work.history.canRedo} title="Ctrl+Y" onClick={() => redo(work)}>
          {t.redo}
        </button>
      </div>
      <label>
        {t.size(radiusMm)}
        <input
          type="range"
          min={0.5}
          max={40}
          step={0.5}
          value={radiusMm}
          onChange={(event) => setRadius(event.target.valueAsNumber)}
        />
      </label>
      <label>
        {t.tolerance(tolerance)}
        <input
          type="range"
          min={1}
          max={500}
          value={tolerance}
          onChange={(event) => setTolerance(event.target.valueAsNumber)}
        />
      </label>
      <label className={styles['check']}>
        <input type="checkbox" checked={through} onChange={(event) => setThrough(event.target.checked)} />
        {t.through}
      </label>
      <LabelList work={work} value={value} choose={setValue} />
      <ModelMenu work={work} chooseInteractive={setModel} />
      {problem !== '' && (
        <p role="alert" className={styles['problem']}>
          {problem}
        </p>
      )}
      <SaveLine work={work} />
    </>
  );
}

function undo(work: AnnotationWork): void {
  const bounds = work.history.undo();
  if (bounds) work.changed(bounds);
}

function redo(work: AnnotationWork): void {
  const bounds = work.history.redo();
  if (bounds) work.changed(bounds);
}

/** Keys of the page, but where somebody types. */
function useKeys(work: AnnotationWork, press: (key: string) => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { target } = event;
      if (target instanceof HTMLInputElement && !['range', 'radio', 'checkbox'].includes(target.type)) return;
      const key = event.key.toLowerCase();
      if ((event.ctrlKey || event.metaKey) && (key === 'z' || key === 'y')) {
        event.preventDefault();
        if (key === 'y' || event.shiftKey) redo(work);
        else undo(work);
      } else if (!event.ctrlKey && !event.altKey && !event.metaKey) press(key);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });
}
