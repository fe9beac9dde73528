// The whole client: one function.

import type { Trusted } from './generated.js';

/** Whom to ask, and as whom. */
export type Caller = {
  /** The endpoint, for example http://127.0.0.1:8080/graphql. */
  readonly url: string;
  /** The token that a sign-in gave; without one the question is asked by nobody in particular. */
  readonly token?: string;
};

/** The server did not do what it was asked to: a mistake of the caller, or a fault of the server. */
export class Refused extends Error {
  constructor(
    /** One of the codes of docs/api/errors.md; the first, where there are several. */
    readonly code: string,
    sentence: string,
  ) {
    super(`${code}: ${sentence}`);
  }
}

type Body<Answer> = {
  data?: Answer | null;
  errors?: { message: string; extensions?: { code?: string } }[];
};

/** Asks for a document; what the city decides against it is part of the answer, and no error. */
export async function ask<Answer, Variables>(
  caller: Caller,
  document: Trusted<Answer, Variables>,
  variables: Variables,
): Promise<Answer> {
  const response = await fetch(caller.url, {
    method: 'POST',
    headers: {
      accept: 'application/graphql-response+json',
      'content-type': 'application/json',
      ...(caller.token && { authorization: `Bearer ${caller.token}` }),
    },
    body: JSON.stringify({ documentId: document.id, variables }),
  });
  const { data, errors } = (await response.json()) as Body<Answer>;
  const [first] = errors ?? [];
  if (first || !data) {
    throw new Refused(first?.extensions?.code ?? 'NO_ANSWER', first?.message ?? response.statusText);
  }
  return data;
}
