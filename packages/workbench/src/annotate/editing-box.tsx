import { useCallback, useEffect, useReducer, useRef, useState } from 'react';
import { wordsOf } from '../app/api.ts';
import { useTexts } from '../app/texts/use-texts.ts';
import type { ToolMark } from '../viewer/viewport-contract.ts';
import styles from './annotate.module.css';
import type { AnnotationWork } from './annotation-work.ts';
import { ClickSession } from './click-session.ts';
import { useEditingKeys } from './editing-keys.ts';
import type { CommandName } from './key-rows.ts';
import { runCommand } from './label-commands.ts';
import { LabelList } from './label-list.tsx';
import { type LabelLooks, toggled } from './label-looks.ts';
import { ModelMenu } from './model-menu.tsx';
import { ToolBar } from './tool-bar.tsx';
import { RADIUS, ToolOptions, USUAL_OPTIONS } from './tool-options.tsx';
import type { Click, ToolName } from './tools/tool.ts';
import { toolOf } from './tools/tool-of.ts';

/** Everything that changes the own label map. */
export function EditingBox({ work }: { readonly work: AnnotationWork }) {
  const { annotate: t } = useTexts();
  const [name, setName] = useState<ToolName | ''>('');
  const [value, setValue] = useState(work.labels[0]?.value ?? 1);
  const [options, setOptions] = useState(USUAL_OPTIONS);
  const [model, setModel] = useState('');
  const [problem, setProblem] = useState('');
  const session = useSession(work, model);
  const ask = useCallback(
    (clicks: readonly Click[]) => {
      setProblem(session ? '' : t.noInteractive);
      session?.add(clicks).catch((error: unknown) => setProblem(wordsOf(error)));
    },
    [session, t],
  );
  useTool(work, { name, value, options, session, ask });
  const run = (command: CommandName) => {
    const { leastVoxels } = options;
    const did = runCommand(work, command, { value, leastVoxels });
    setProblem(did ? '' : t.nothingChanged);
  };
  useEditingKeys(work, {
    tool: (tool) => setName((before) => (before === tool ? '' : tool)),
    command: run,
    look: (key) => {
      if (key === 'through') setOptions({ ...options, through: !options.through });
      else if (key === 'nextClass') setValue(classAfter(work, value));
      else work.setLooks(looksAfter(work.looks, key, value));
    },
    grow: (by) => {
      const radiusMm = Math.min(RADIUS.most, Math.max(RADIUS.least, Math.round(2 * by * options.radiusMm) / 2));
      setOptions({ ...options, radiusMm });
    },
  });
  return (
    <>
      <ToolBar {...{ work, name, run }} choose={setName} />
      <ToolOptions options={options} change={(to) => setOptions({ ...options, ...to })} />
      <LabelList work={work} value={value} choose={setValue} />
      <ModelMenu work={work} chooseInteractive={setModel} />
      {problem !== '' && (
        <p role="alert" className={styles['problem']}>
          {problem}
        </p>
      )}
    </>
  );
}

function classAfter({ labels }: AnnotationWork, value: number): number {
  const at = labels.findIndex((label) => label.value === value);
  return labels[(at + 1) % labels.length]?.value ?? value;
}

function looksAfter(looks: LabelLooks, key: 'hideClass' | 'lockClass', value: number): LabelLooks {
  if (key === 'hideClass') return { ...looks, hidden: toggled(looks.hidden, value) };
  return { ...looks, locked: toggled(looks.locked, value) };
}

/** The clicks on a model; another model or another label map begins anew. */
function useSession(work: AnnotationWork, model: string): ClickSession | undefined {
  const [session, setSession] = useState<ClickSession>();
  const [, draw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    const begun = model === '' ? undefined : new ClickSession(work, model, draw);
    setSession(begun);
    return () => begun?.close();
  }, [work, model]);
  return session;
}

interface InHand {
  readonly name: ToolName | '';
  readonly value: number;
  readonly options: typeof USUAL_OPTIONS;
  readonly session: ClickSession | undefined;
  readonly ask: (clicks: readonly Click[]) => void;
}

const ASKING: readonly (ToolName | '')[] = ['click', 'scribble', 'box'];

/** The pointer has the tool in hand; what a model was told stands as dots. */
function useTool(work: AnnotationWork, { name, value, options, session, ask }: InHand): void {
  const { host, labels } = work;
  const dots = useRef<readonly ToolMark[]>([]);
  const clicks = session?.clicks;
  useEffect(() => {
    const shown = ASKING.includes(name) ? (clicks ?? []) : [];
    dots.current = shown.map((click) => ({
      ...{ points: [click.voxel], closed: false, color: colorIn(labels, click.value) },
    }));
    host.showMarks(dots.current);
  }, [host, labels, name, clicks]);
  useEffect(() => {
    const mark = (marks: readonly ToolMark[]) => host.showMarks([...dots.current, ...marks]);
    const color = colorIn(labels, value);
    host.takeTool(name === '' ? undefined : toolOf({ work, choice: { name, value, color, ...options }, ask, mark }));
    return () => host.takeTool(undefined);
  }, [work, host, labels, name, value, options, ask]);
}

/** Background is white. */
function colorIn(labels: AnnotationWork['labels'], value: number): string {
  return labels.find((label) => label.value === value)?.color ?? '#ffffff';
}
