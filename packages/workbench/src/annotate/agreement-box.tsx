import type { AgreementAnswer, AnnotationAnswer, ConsensusMethod } from '@vesalius/api';
import { useState } from 'react';
import { api, wordsOf } from '../app/api.ts';
import { useTexts } from '../app/texts/use-texts.ts';
import styles from './annotate.module.css';
import type { AnnotationWork } from './annotation-work.ts';

interface AgreementBoxProps {
  readonly work: AnnotationWork;
  /** Those that are compared. */
  readonly handedIn: readonly AnnotationAnswer[];
}

/** How far those handed in agree: each pair, each against the majority and the consensus, which can be gone on with. */
export function AgreementBox({ work, handedIn }: AgreementBoxProps) {
  const { annotate: t } = useTexts();
  const [agreement, setAgreement] = useState<AgreementAnswer>();
  const [problem, setProblem] = useState('');
  const series = work.host.series.seriesInstanceUid;
  const labels = labelsOf(handedIn);
  const fail = (error: unknown) => setProblem(wordsOf(error));
  const load = () => void api.call('getAgreement', { params: { series } }).then(setAgreement, fail);
  const take = (method: ConsensusMethod) => () => {
    setProblem('');
    work.takeConsensus(method, labels).catch(fail);
  };
  return (
    <details className={styles['agreement']} onToggle={(event) => event.currentTarget.open && load()}>
      <summary>{t.agreement}</summary>
      {agreement && <Tables agreement={agreement} handedIn={handedIn} />}
      {work.isOpen && work.mayEdit && (
        <div className={styles['tools']}>
          <button type="button" onClick={take('majority')}>
            {t.takeMajority}
          </button>
          <button type="button" onClick={take('staple')}>
            {t.takeStaple}
          </button>
        </div>
      )}
      {problem !== '' && (
        <p role="alert" className={styles['problem']}>
          {problem}
        </p>
      )}
    </details>
  );
}

function Tables({
  agreement,
  handedIn,
}: Pick<AgreementBoxProps, 'handedIn'> & { readonly agreement: AgreementAnswer }) {
  const { annotate: t } = useTexts();
  const { pairs, majority, staple } = agreement;
  const className = new Map(labelsOf(handedIn).map(({ value, name }) => [value, name]));
  const who = (id: string) => {
    const found = handedIn.find((one) => one.id === id);
    return found ? `${found.annotator.name}${found.number > 1 ? ` (${found.number})` : ''}` : id;
  };
  const share = (value: number) => value.toFixed(3);
  return (
    <>
      <Table
        caption={t.dicePairs}
        rows={pairs.map(({ a, b, value, dice }) => [
          `${who(a)}, ${who(b)}`,
          className.get(value) ?? value,
          share(dice),
        ])}
      />
      <Table
        caption={t.diceMajority}
        rows={majority.map(({ annotation, dice }) => [who(annotation), '', share(dice)])}
      />
      <Table
        caption={t.stapleQuality}
        rows={staple.map(({ annotation, value, sensitivity, specificity }) => [
          ...[who(annotation), className.get(value) ?? value],
          `${share(sensitivity)}, ${share(specificity)}`,
        ])}
      />
    </>
  );
}

interface TableProps {
  readonly caption: string;
  readonly rows: readonly (readonly (string | number)[])[];
}

function Table({ caption, rows }: TableProps) {
  return (
    <table>
      <caption>{caption}</caption>
      <tbody>
        {rows.map((row) => (
          <tr key={row.slice(0, 2).join(' ')}>
            {row.map((cell, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: columns stay where they are.
              <td key={i}>{cell}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The classes of all; of two with one value the newer counts. */
function labelsOf(annotations: readonly AnnotationAnswer[]) {
  const known = new Map(annotations.toReversed().flatMap(({ segments }) => segments.map((one) => [one.value, one])));
  return [...known.values()].toSorted((a, b) => a.value - b.value);
}
