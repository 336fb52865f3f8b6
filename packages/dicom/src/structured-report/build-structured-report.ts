import type { DataSet } from '../data-set/data-set.ts';
import { createInstance, dateAndTime, type InstanceOptions } from '../objects/create-instance.ts';
import { studyReferences } from '../objects/references.ts';
import type { ContentItem } from './content-item.ts';
import { contentRecord } from './write-content.ts';

export interface BuildStructuredReportOptions extends InstanceOptions {
  /** Every instance that the content refers to; patient and study are those of the first. */
  readonly evidence: readonly DataSet[];
  /** A container. */
  readonly content: ContentItem;
  /** Whether all that was to be reported is; COMPLETE without it. */
  readonly completion?: 'COMPLETE' | 'PARTIAL';
  /** Who vouches for it, and for whom; unverified without it. */
  readonly verified?: { readonly name: string; readonly organization: string; readonly at: Date };
}

const COMPREHENSIVE_3D = '1.2.840.10008.5.1.4.1.1.88.34';

/**
 * A Comprehensive 3D SR document around a content tree.
 *
 * @throws DATA_MISMATCH when the evidence is of several studies
 * @source PS3.3 A.35.13
 */
export function buildStructuredReport(options: BuildStructuredReportOptions): DataSet {
  const { evidence, content, now = new Date(), completion = 'COMPLETE', verified } = options;
  const { date, time } = dateAndTime(now, evidence[0]);
  return createInstance({
    ...options,
    source: evidence,
    sopClassUid: COMPREHENSIVE_3D,
    modality: 'SR',
    attributes: {
      ContentDate: date,
      ContentTime: time,
      CompletionFlag: completion,
      VerificationFlag: verified ? 'VERIFIED' : 'UNVERIFIED',
      PreliminaryFlag: verified ? 'FINAL' : 'PRELIMINARY',
      VerifyingObserverSequence: verified && [
        {
          VerifyingObserverName: verified.name,
          VerifyingOrganization: verified.organization,
          VerificationDateTime: Object.values(dateAndTime(verified.at, evidence[0])).join(''),
          VerifyingObserverIdentificationCodeSequence: null,
        },
      ],
      ReferencedPerformedProcedureStepSequence: null,
      PerformedProcedureCodeSequence: null,
      CurrentRequestedProcedureEvidenceSequence: studyReferences(evidence),
      ...contentRecord(content),
    },
  });
}
