import type { SegmentLabel } from '@vesalius/api';
import { useEffect, useState } from 'react';
import { useTexts } from '../app/texts/use-texts.ts';
import styles from './annotate.module.css';
import type { Meaning } from './find-codes.ts';

const MOST_SHOWN = 8;

interface LabelCodeProps {
  readonly label: SegmentLabel;
  readonly choose: (meaning: Meaning) => void;
}

/** What a label means: searched for among the codes of DICOM, or in own words. */
export function LabelCode({ label, choose }: LabelCodeProps) {
  const { annotate: t } = useTexts();
  const [query, setQuery] = useState('');
  const [found, setFound] = useState<readonly Meaning[]>([]);
  useEffect(() => {
    let left = false;
    // The table of codes is loaded with the first letter.
    const search = async () => (await import('./find-codes.ts')).findCodes(query, MOST_SHOWN);
    if (query === '') setFound([]);
    else void search().then((meanings) => left || setFound(meanings));
    return () => {
      left = true;
    };
  }, [query]);
  const take = (meaning: Meaning) => {
    choose(meaning);
    setQuery('');
  };
  return (
    <div className={styles['code']}>
      <label>
        {label.type ? t.means(`${label.type.meaning} (${label.type.scheme} ${label.type.value})`) : t.meansNothing}
        <input
          type="search"
          placeholder={t.searchCodes}
          value={query}
          onChange={(event) => setQuery(event.target.value)}
        />
      </label>
      {query !== '' && (
        <ul aria-label={t.codes}>
          {found.map((meaning) => (
            <li key={`${meaning.type.scheme} ${meaning.type.value}`}>
              <button type="button" onClick={() => take(meaning)}>
                {meaning.type.meaning} <small>{`${meaning.type.scheme} ${meaning.type.value}`}</small>
              </button>
            </li>
          ))}
          <li>
            <button type="button" onClick={() => void import('./find-codes.ts').then((m) => take(m.ownMeaning(query)))}>
              {t.ownWords(query)}
            </button>
          </li>
        </ul>
      )}
    </div>
  );
}
