import type { FederationAnswer } from '@vesalius/api';
import { apiRoute } from '../http/api-route.ts';
import type { Feature } from '../http/feature.ts';
import { Refusal } from '../http/refusal.ts';

/** `/api/federations`: what people do with federations, at a coordinator and at a site. */
export const federationRoutes: Feature = (app, { federations }) => {
  const needed = async (id: string): Promise<FederationAnswer> => {
    const found = await federations.get(id);
    if (!found) throw new Refusal('NOT_FOUND', { what: 'federation' });
    return found;
  };
  apiRoute(app, 'listFederations', () => federations.list());
  apiRoute(app, 'getFederation', ({ params: { federation = '' } }) => needed(federation));
  apiRoute(app, 'createFederation', ({ request, body }) => federations.create(body, request.principal.id));
  apiRoute(app, 'joinFederation', ({ request, body }) => federations.join(body, request.principal.id));
  apiRoute(app, 'inviteSite', async ({ params: { federation = '' }, body: { site, hours } }) => {
    await needed(federation);
    return { invitation: await federations.invite(federation, site, hours) };
  });
  apiRoute(app, 'approvePlan', async ({ request, params: { federation = '' }, body: { planHash } }) => {
    await needed(federation);
    await federations.approve(federation, planHash, request.principal.id);
    return needed(federation);
  });
  apiRoute(app, 'startFederation', async ({ request, params: { federation = '' } }) => {
    await needed(federation);
    await federations.start(federation, request.principal.id);
    return needed(federation);
  });
  apiRoute(app, 'pauseFederation', async ({ request, params: { federation = '' } }) => {
    await needed(federation);
    await federations.pause(federation, request.principal.id);
    return needed(federation);
  });
  apiRoute(app, 'changeSite', async ({ request, params: { federation = '', site = '' }, body: { action } }) => {
    await needed(federation);
    await federations.changeSite(federation, site, { action, principal: request.principal.id });
    return needed(federation);
  });
  apiRoute(app, 'leaveFederation', async ({ request, params: { federation = '' } }) => {
    await needed(federation);
    await federations.leave(federation, request.principal.id);
  });
  apiRoute(app, 'listExchanges', async ({ params: { federation = '' } }) => {
    await needed(federation);
    return federations.exchanges(federation);
  });
};
