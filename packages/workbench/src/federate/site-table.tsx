import type { FederationAnswer } from '@vesalius/api';
import { api } from '../app/api.ts';
import { useTexts } from '../app/texts/use-texts.ts';
import { Curve } from './curve.tsx';
import styles from './federate.module.css';

type SiteAnswer = FederationAnswer['sites'][number];

const ACTIONS = {
  invited: [],
  joined: ['approve', 'remove'],
  approved: ['pause', 'remove'],
  paused: ['resume', 'remove'],
  removed: [],
} as const satisfies Record<SiteAnswer['state'], readonly ('approve' | 'pause' | 'resume' | 'remove')[]>;

interface Props {
  readonly federation: FederationAnswer;
  readonly act: (doing: Promise<unknown>) => void;
}

/** The sites of a federation: what each is, brought, moved and spent. */
export function SiteTable({ federation, act }: Props) {
  const { federate: t } = useTexts();
  return (
    <table className={styles['table']}>
      <thead>
        <tr>
          {[t.site, t.state, t.images, t.rounds, t.up, t.down, t.epsilon, t.auc, t.drift, t.contribution].map(
            (name) => (
              <th key={name}>{name}</th>
            ),
          )}
          <th aria-label={t.actions} />
        </tr>
      </thead>
      <tbody>
        {federation.sites.map((site) => (
          <tr key={site.site}>
            <td>{site.site}</td>
            <td>{t.siteStates[site.state]}</td>
            <td>{site.examples ?? '–'}</td>
            <td>{site.roundsTaken}</td>
            <td>{kilobytes(site.bytesUp)}</td>
            <td>{kilobytes(site.bytesDown)}</td>
            <td>{site.epsilon > 0 ? site.epsilon.toFixed(2) : '–'}</td>
            <td>
              <Curve title={`${t.auc}, ${site.site}`} points={site.auc} />
            </td>
            <td>
              <Curve title={`${t.drift}, ${site.site}`} points={site.drift} />
            </td>
            <td>
              <Curve title={`${t.contribution}, ${site.site}`} points={site.contribution} />
            </td>
            <td>{federation.role === 'coordinator' && <SiteActions site={site} id={federation.id} act={act} />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function SiteActions({
  site,
  id,
  act,
}: {
  readonly site: SiteAnswer;
  readonly id: string;
  readonly act: Props['act'];
}) {
  const { federate: t } = useTexts();
  const params = { federation: id, site: site.site };
  return ACTIONS[site.state].map((action) => (
    <button key={action} type="button" onClick={() => act(api.call('changeSite', { params, body: { action } }))}>
      {t[action]}
    </button>
  ));
}

const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;
