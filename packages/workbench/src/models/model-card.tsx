import type { ReactNode } from 'react';
import styles from './models.module.css';

/** The card that comes with a model: the headings, lists and tables of its Markdown; anything else stays text. */
export function ModelCard({ markdown }: { readonly markdown: string }) {
  const blocks = markdown.split(/\n{2,}/).filter((block) => block.trim() !== '');
  return (
    <div className={styles['card']}>
      {blocks.map((block, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the blocks of a text have no other name
        <Block key={i} text={block} />
      ))}
    </div>
  );
}

function Block({ text }: { readonly text: string }): ReactNode {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const [first = ''] = lines;
  const heading = /^(#{1,6}) (.*)/.exec(first);
  if (heading) return heading[1] === '#' ? <h2>{heading[2]}</h2> : <h3>{heading[2]}</h3>;
  if (lines.every((line) => /^[-*] /.test(line))) {
    return (
      <ul>
        {lines.map((line) => (
          <li key={line}>{line.slice(2)}</li>
        ))}
      </ul>
    );
  }
  if (lines.every((line) => line.startsWith('|'))) return <Table lines={lines} />;
  return /^ {4}/.test(first) ? <pre>{text.trim()}</pre> : <p>{text}</p>;
}

function Table({ lines }: { readonly lines: readonly string[] }) {
  const [head = [], ...rows] = lines.filter((line) => !/^\|[-|: ]+$/.test(line)).map(cellsOf);
  return (
    <table className={styles['table']}>
      <thead>
        <tr>
          {head.map((cell) => (
            <th key={cell}>{cell}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.join('|')}>
            {row.map((cell, i) => (
              <td key={`${head[i]} ${cell}`}>{cell}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function cellsOf(line: string): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}
