import type { AcceptedContext } from '../association/accepted-context.ts';
import type { Association, DataSetBytes } from '../association/association.ts';
import type { ContextProposal } from '../association/request-association.ts';

/** An instance that can be sent by C-STORE. */
export interface SendableInstance {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  /** As it is stored first, then what it can be transcoded to. */
  readonly transferSyntaxUids: readonly string[];
  /** The data set alone, without preamble and meta information, in one of these transfer syntaxes. */
  readonly open: (transferSyntaxUid: string) => DataSetBytes | Promise<DataSetBytes>;
}

// PS3.8 9.3.2.2: odd numbers of a byte.
const MAX_CONTEXTS = 128;

/**
 * The contexts that these instances need, one for each pair of class and transfer syntax, so that the peer answers to each alone; in
 * groups of as many as one association can hold.
 */
export function proposalsFor(instances: readonly SendableInstance[]): ContextProposal[][] {
  const proposals = new Map<string, ContextProposal>();
  for (const { sopClassUid: abstractSyntax, transferSyntaxUids } of instances)
    for (const uid of transferSyntaxUids)
      proposals.set(`${abstractSyntax} ${uid}`, { abstractSyntax, transferSyntaxes: [uid] });
  const all = [...proposals.values()].sort((a, b) =>
    a.abstractSyntax < b.abstractSyntax ? -1 : Number(a.abstractSyntax > b.abstractSyntax),
  );
  return Array.from({ length: Math.ceil(all.length / MAX_CONTEXTS) }, (_, i) =>
    all.slice(i * MAX_CONTEXTS, (i + 1) * MAX_CONTEXTS),
  );
}

/** The agreed context that takes an instance with the least transcoding. */
export function contextForInstance(association: Association, instance: SendableInstance): AcceptedContext | undefined {
  for (const uid of instance.transferSyntaxUids) {
    const context = association.contextFor(instance.sopClassUid, 'scu', ({ transferSyntax }) => transferSyntax === uid);
    if (context) return context;
  }
  return undefined;
}
