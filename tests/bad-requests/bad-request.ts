/** The server that is asked. */
export interface Target {
  /** Without a slash at the end. */
  readonly url: string;
  /** Of who may do everything. */
  readonly token: string;
  readonly dimse: { readonly host: string; readonly port: number; readonly aeTitle: string };
}

/** Something that no client should send; says what is wrong with the answer, nothing where it is right. */
export interface BadRequest {
  readonly name: string;
  send(target: Target): Promise<readonly string[]>;
}

/** What stands in every data set sent here and may come back in none of the refusals. */
export const PATIENT = 'Secret^Marker';

/** What an HTTP answer has to be. */
export interface Demand {
  readonly status: number;
  /** `problem`: application/problem+json; `store`: a store response; `outcome`: an OperationOutcome. */
  readonly body: 'problem' | 'store' | 'outcome';
  /** (0008,1197) FailureReason of the first instance that failed. */
  readonly reason?: number;
}

/** A request over HTTP and the answer it must have. */
export function overHttp(
  name: string,
  path: string,
  demand: Demand,
  request: RequestInit | (() => Promise<RequestInit>) = {},
): BadRequest {
  return {
    name,
    send: async ({ url, token }) => {
      const { headers, ...rest } = typeof request === 'function' ? await request() : request;
      const answer = await fetch(`${url}${path}`, {
        ...rest,
        headers: { Authorization: `Bearer ${token}`, ...(headers as Record<string, string>) },
      });
      return judge(answer.status, await answer.text(), demand);
    },
  };
}

function judge(status: number, text: string, demand: Demand): string[] {
  const wrong = status === demand.status ? [] : [`status ${status} instead of ${demand.status}: ${text.slice(0, 300)}`];
  if (/Secret|Marker/.test(text)) wrong.push('quotes what was sent');
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return [...wrong, `a body that is no JSON: ${text.slice(0, 100)}`];
  }
  return [...wrong, ...BODIES[demand.body](body as Json, demand)];
}

type Json = Readonly<Record<string, unknown>>;

const BODIES: Readonly<Record<Demand['body'], (body: Json, demand: Demand) => string[]>> = {
  problem: ({ status, title, what }, demand) => [
    ...(status === demand.status ? [] : ['a problem of another status']),
    ...(isSentence(title) && isSentence(what) ? [] : ['no words for a person']),
  ],
  store: (body, { reason }) => {
    const [item] = [...itemsOf(body['00081198']), ...itemsOf(body['0008119A'])];
    const got = (item?.['00081197'] as { Value?: unknown[] } | undefined)?.Value?.[0];
    const words = (item?.['00000902'] as { Value?: unknown[] } | undefined)?.Value?.[0];
    return [
      ...(got === reason ? [] : [`reason ${got} instead of ${reason}`]),
      ...(isSentence(words) ? [] : ['no words for a person']),
    ];
  },
  outcome: ({ resourceType, issue }) => {
    const [first] = Array.isArray(issue) ? (issue as Json[]) : [];
    const words = (first?.['details'] as Json | undefined)?.['text'] ?? first?.['diagnostics'];
    return [
      ...(resourceType === 'OperationOutcome' && typeof first?.['code'] === 'string' ? [] : ['no OperationOutcome']),
      ...(isSentence(words) ? [] : ['no words for a person']),
    ];
  },
};

function itemsOf(sequence: unknown): Json[] {
  return ((sequence as { Value?: Json[] } | undefined)?.Value ?? []) as Json[];
}

/** At least a word. */
function isSentence(text: unknown): boolean {
  return typeof text === 'string' && /[a-z]{2,}/i.test(text);
}
