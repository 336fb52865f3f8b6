import { Modal } from '../app/modal.tsx';
import { STUDY_PANELS } from '../app/study-slots.ts';
import { useTexts } from '../app/texts/use-texts.ts';
import styles from './study.module.css';
import { CAMERA_KEYS, TOOL_KEYS } from './view/shortcuts.ts';
import type { CameraCommand } from './view/view-commands.ts';
import type { PointerTool } from './view/view-model.ts';

/** All keys of the viewer. */
export function HelpDialog({ close }: { readonly close: () => void }) {
  const { viewer: t } = useTexts();
  const rows: (readonly [string, string])[] = [
    ...(Object.keys(TOOL_KEYS) as PointerTool[]).map((tool) => [TOOL_KEYS[tool].toUpperCase(), t.tool[tool]] as const),
    ...(Object.keys(CAMERA_KEYS) as CameraCommand[]).map((one) => [CAMERA_KEYS[one], t.camera[one]] as const),
    ['I', t.invert],
    ['1 – 6', t.window],
    ['↑ ↓', t.keySlices],
    ['← →', t.keyTime],
    [t.space, t.play],
  ];
  return (
    <Modal className={styles['help']} close={close} label={t.help}>
      <h2>{t.help}</h2>
      <KeyList rows={rows} />
      {STUDY_PANELS.map(
        ({ id, title, keys }) =>
          keys && (
            <section key={id}>
              <h3>{title()}</h3>
              <KeyList rows={keys()} />
            </section>
          ),
      )}
      <p>{t.helpPointer}</p>
      <button type="button" onClick={close}>
        {t.close}
      </button>
    </Modal>
  );
}

function KeyList({ rows }: { readonly rows: readonly (readonly [key: string, words: string])[] }) {
  return (
    <dl>
      {rows.map(([key, words]) => (
        <div key={words}>
          <dt>
            <kbd>{key}</kbd>
          </dt>
          <dd>{words}</dd>
        </div>
      ))}
    </dl>
  );
}
