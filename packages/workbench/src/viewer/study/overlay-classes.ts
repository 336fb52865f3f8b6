import type { OverlayObject } from './viewer-series.ts';

/** SOP classes of what lies over images: PS3.4 B.5. */
export const OVERLAY_CLASSES: Readonly<Record<string, OverlayObject['kind']>> = {
  '1.2.840.10008.5.1.4.1.1.66.4': 'segmentation',
  '1.2.840.10008.5.1.4.1.1.66.7': 'segmentation',
  '1.2.840.10008.5.1.4.1.1.481.3': 'structures',
  '1.2.840.10008.5.1.4.1.1.30': 'map',
};
