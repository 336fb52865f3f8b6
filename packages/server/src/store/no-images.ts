/** Modalities of series that are no images of a patient: objects about images, waves, texts. */
export const NO_IMAGES: readonly string[] =
  'SEG SR PR KO RTSTRUCT RTPLAN RTRECORD RTDOSE REG FID DOC PLAN AU ECG HD EPS RWV PMAP ANN OPT CONTENT'.split(' ');
