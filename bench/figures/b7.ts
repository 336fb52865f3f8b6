import { startAttackedServer } from '../../tests/security/attacked-server.ts';
import { ATTEMPTS } from '../../tests/security/attempts/all.ts';
import { routeAttempts } from '../../tests/security/attempts/every-route.ts';
import type { Measure } from '../figure-result.ts';

/** Everything that tests/security tries on a whole server: every route with four kinds of credentials, and the list of attacks. */
export const measure: Measure = async ({ log }) => {
  const target = await startAttackedServer();
  const figure = { attempts: 0, openDoors: 0, routes: target.server.app.servedRoutes.length };
  try {
    for (const { about, name, tryIt } of [...routeAttempts(target), ...ATTEMPTS]) {
      const problem = await tryIt(target).catch((error: unknown) => `failed: ${String(error)}`);
      figure.attempts++;
      if (problem === undefined) continue;
      figure.openDoors++;
      log(`OPEN ${about}: ${name}: ${problem}`);
    }
  } finally {
    await target.close();
  }
  log(`${figure.attempts} attempts on ${figure.routes} routes and more, ${figure.openDoors} open`);
  return { figure, peer: {} };
};
