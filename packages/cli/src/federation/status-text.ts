import type { FederationAnswer } from '@vesalius/api';

/** A federation for a terminal: what it is, its sites, its last rounds. */
export function statusText(federation: FederationAnswer): string {
  const { id, role, state, round, planHash, planApproved, plan, sites, rounds, budget, problem } = federation;
  const head = `${id}  ${role}, ${state}, round ${round} of ${plan['rounds'] ?? '?'}`;
  const siteLines = sites.map(({ site, state: at, examples, roundsTaken, bytesUp, bytesDown, epsilon, auc }) => {
    const words = [
      `  ${site.padEnd(16)} ${at.padEnd(9)}`,
      `${examples ?? '-'} images`.padStart(12),
      `${roundsTaken} rounds`.padStart(11),
      `up ${kilobytes(bytesUp)}`,
      `down ${kilobytes(bytesDown)}`,
      `AUC ${auc.at(-1)?.value.toFixed(4) ?? '-'}`,
      ...(epsilon > 0 ? [`epsilon ${epsilon.toFixed(2)}`] : []),
    ];
    return words.join('  ');
  });
  const last = rounds.findLast(({ pooledAuc }) => pooledAuc !== undefined);
  return [
    head,
    `  plan ${planHash}${role === 'site' ? (planApproved ? ', approved' : ', not approved: read it with --json') : ''}`,
    ...siteLines,
    ...(last?.pooledAuc === undefined
      ? []
      : [`  all sites' images after round ${last.round}: AUC ${last.pooledAuc.toFixed(4)}`]),
    ...(budget ? [`  epsilon ${budget.spent.toFixed(2)} of ${budget.epsilon} spent`] : []),
    ...(problem ? [`  last problem: ${problem.code} at ${problem.at}`] : []),
  ].join('\n');
}

const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;
