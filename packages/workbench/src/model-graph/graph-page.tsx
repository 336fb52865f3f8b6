import { useTexts } from '../app/texts/use-texts.ts';
import styles from './view/model-graph.module.css';
import { ModelViewer } from './view/model-viewer.tsx';

/** Looks at an ONNX file of this machine. */
export function GraphPage() {
  const { modelGraph: t } = useTexts();
  return (
    <main className={styles['page']}>
      <h1>{t.title}</h1>
      <ModelViewer />
    </main>
  );
}
