import { PATIENT } from '../../tests/bad-requests/bad-request.ts';
import { DICOMWEB_REQUESTS } from '../../tests/bad-requests/dicomweb.ts';
import { DIMSE_REQUESTS } from '../../tests/bad-requests/dimse.ts';
import { FHIR_REQUESTS } from '../../tests/bad-requests/fhir.ts';
import { startTarget } from '../../tests/bad-requests/start-target.ts';
import type { Measure } from '../figure-result.ts';

/** Requests that break a rule, sent to the whole server: each must get the standard's own answer, with words, and quote nothing. */
export const measure: Measure = async ({ log }) => {
  const target = await startTarget();
  const figure = { cases: 0, wrongAnswers: 0, loggedValues: 0 };
  try {
    const { status } = await fetch(`${target.url}/fhir/metadata`);
    if (status === 404) log('skipped FHIR: not served');
    const requests = [...DICOMWEB_REQUESTS, ...DIMSE_REQUESTS, ...(status === 404 ? [] : FHIR_REQUESTS)];
    for (const { name, send } of requests) {
      const wrong = await send(target).catch((error: unknown) => [`no answer: ${String(error)}`]);
      figure.cases++;
      figure.wrongAnswers += wrong.length > 0 ? 1 : 0;
      log(`${wrong.length === 0 ? 'ok    ' : 'FAILED'} ${name}`);
      for (const problem of wrong) log(`       ${problem}`);
    }
  } finally {
    await target.close();
  }
  figure.loggedValues = target.logged.filter((line) => PATIENT.split('^').some((word) => line.includes(word))).length;
  figure.wrongAnswers += figure.loggedValues;
  return { figure, peer: {} };
};
