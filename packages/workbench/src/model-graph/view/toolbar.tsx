import { type ChangeEvent, useEffect, useRef } from 'react';
import { useTexts } from '../../app/texts/use-texts.ts';
import { drawScene, type Overlay } from '../draw/draw-scene.ts';
import type { Scene } from '../draw/scene.ts';
import { sceneToSvg } from '../draw/scene-to-svg.ts';
import styles from './model-graph.module.css';
import { saveFile } from './save-file.ts';
import { localSource, type ViewerState } from './use-model-viewer.ts';

const MOST_PIXELS = 8192;

interface Props {
  readonly viewer: ViewerState;
  readonly overlay: Overlay;
  readonly query: string;
  setQuery(query: string): void;
}

/** Search, files, blocks, comparing, times, pictures. */
export function Toolbar({ viewer, overlay, query, setQuery }: Props) {
  const { modelGraph: t } = useTexts();
  const search = useRef<HTMLInputElement>(null);
  useSlash(search);
  const { scene, model, place, diff } = viewer;
  return (
    <div className={styles['toolbar']} role="toolbar" aria-label={t.tools}>
      <input
        ref={search}
        type="search"
        value={query}
        placeholder={t.searchHint}
        aria-label={t.search}
        onChange={(event) => setQuery(event.target.value)}
      />
      <FileButton text={t.openFile} accept=".onnx" choose={(file) => viewer.open(localSource(file))} />
      {model && <FileButton text={t.compareWith} accept=".onnx" choose={(file) => viewer.compare(localSource(file))} />}
      {model && <FileButton text={t.profile} accept=".json" choose={viewer.profile} />}
      {viewer.measure && (
        <button type="button" disabled={viewer.busy} onClick={viewer.measure}>
          {t.measure}
        </button>
      )}
      {diff && (
        <button type="button" onClick={viewer.endCompare}>
          {t.endCompare}
        </button>
      )}
      {place.graph > 0 && (
        <button type="button" onClick={() => viewer.enter(0)}>
          {t.wholeModel}
        </button>
      )}
      <BlockDepth viewer={viewer} />
      {scene && model && (
        <>
          <button
            type="button"
            onClick={() =>
              saveFile(`${model.name}.svg`, new Blob([sceneToSvg(scene, overlay)], { type: 'image/svg+xml' }))
            }
          >
            SVG
          </button>
          <button type="button" onClick={() => savePng(model.name, scene, overlay)}>
            PNG
          </button>
        </>
      )}
      {viewer.busy && <span role="status">{t.working}</span>}
    </div>
  );
}

function FileButton({
  text,
  accept,
  choose,
}: {
  readonly text: string;
  readonly accept: string;
  choose(file: File): void;
}) {
  const input = useRef<HTMLInputElement>(null);
  const take = (event: ChangeEvent<HTMLInputElement>): void => {
    const [file] = event.target.files ?? [];
    event.target.value = '';
    if (file) choose(file);
  };
  return (
    <>
      <button type="button" onClick={() => input.current?.click()}>
        {text}
      </button>
      <input ref={input} type="file" hidden accept={accept} onChange={take} aria-label={text} />
    </>
  );
}

/** To which depth blocks are drawn open. */
function BlockDepth({ viewer: { blocks, closed, setClosed } }: { readonly viewer: ViewerState }) {
  const { modelGraph: t } = useTexts();
  if (blocks.size === 0) return null;
  const deepest = Math.max(...blocks.values());
  const closedAt = (depth: number) => new Set([...blocks].filter(([, own]) => own === depth).map(([block]) => block));
  const depth = closed.size === 0 ? 0 : (blocks.get([...closed][0] ?? '') ?? 0);
  return (
    <label>
      {t.blocks}{' '}
      <select value={depth} onChange={(event) => setClosed(closedAt(Number(event.target.value)))}>
        <option value={0}>{t.allOpen}</option>
        {[1, 2, 3, 4]
          .filter((own) => own <= deepest)
          .map((own) => (
            <option key={own} value={own}>
              {t.closedAt(own)}
            </option>
          ))}
      </select>
    </label>
  );
}

/** The key `/` leads to the search from wherever nothing is written. */
function useSlash(search: { readonly current: HTMLInputElement | null }): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const writing = event.target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
      if (event.key !== '/' || writing) return;
      event.preventDefault();
      search.current?.focus();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [search]);
}

/** The whole picture; one that is too large for a canvas is made smaller. */
async function savePng(name: string, scene: Scene, overlay: Overlay): Promise<void> {
  const { width, height } = scene.layout;
  const zoom = Math.min(2, MOST_PIXELS / (width + 40), MOST_PIXELS / (height + 40));
  const size = { width: Math.ceil((width + 40) * zoom), height: Math.ceil((height + 40) * zoom) };
  const canvas = new OffscreenCanvas(size.width, size.height);
  const surface = canvas.getContext('2d');
  if (!surface) return;
  drawScene(surface, size, { scene, overlay, camera: { x: width / 2, y: height / 2, zoom } });
  saveFile(`${name}.png`, await canvas.convertToBlob({ type: 'image/png' }));
}
