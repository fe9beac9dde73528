// What both live scripts check: a draw that is over, and the inbox of an applicant who cancels.

const [url, token] = process.argv.slice(2);

/** The endpoint, and the token of somebody whose application can be cancelled. */
export { token, url };

export const DRAW = `subscription Draw($draw: String!, $after: String) {
  drawProgress(publicId: $draw, after: $after) {
    __typename
    cursor
    ... on DrawStepReached { phase beacon { at } }
    ... on DrawSeedFormed { seed }
    ... on DrawWinnersConfirmed { total winners { rank code } }
    ... on DrawCompleted { verdict { verdict } }
  }
}`;

export const MINE = `subscription Mine {
  myEvents {
    __typename
    cursor
    ... on InboxOpened { unreadCount }
    ... on MessageArrived { about message { title(locale: EN) } }
  }
}`;

const KINDS = ['DrawStepReached', 'DrawSeedFormed', 'DrawWinnersConfirmed', 'DrawCompleted'];

let failed = 0;

/** Prints a line, and remembers whether it is bad. */
export function check(what, holds, found) {
  console.log(`${holds ? 'ok' : 'FAILED'} ${what}${holds ? '' : `: ${JSON.stringify(found)}`}`);
  if (!holds) failed += 1;
}

/** Ends the script. */
export function conclude() {
  process.exit(failed === 0 ? 0 : 1);
}

/** Asks over POST, as a page does beside its subscriptions. */
async function ask(query, variables) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  });
  return response.json();
}

/** The events of an iterator, to its end. */
async function all(events) {
  const told = [];
  for await (const { data, errors } of events) {
    if (errors) throw new Error(JSON.stringify(errors));
    told.push(data.drawProgress);
  }
  return told;
}

/** The story, with a function that follows an operation as nobody or as the applicant. */
export async function tell(follow) {
  const draw = '202606';
  const told = await all(follow({ query: DRAW, variables: { draw } }));
  const kinds = told.map((event) => event.__typename);
  check('a draw that is over is told to its end', kinds.join() === KINDS.join(), kinds);
  check('its verdict is told', told.at(-1).verdict.verdict === 'VERIFIED', told.at(-1));

  const after = told[1].cursor;
  const rest = await all(follow({ query: DRAW, variables: { draw, after } }));
  const cursors = (events) => events.map((event) => event.cursor).join();
  check('a cursor goes on from where it was', cursors(rest) === cursors(told.slice(2)), rest);

  const mine = follow({ query: MINE }, token)[Symbol.asyncIterator]();
  const opened = (await mine.next()).value.data.myEvents;
  check('the inbox is opened', opened.__typename === 'InboxOpened', opened);
  const { data } = await ask('{ me { applications { nodes { id } } } }');
  const input = { applicationId: data.me.applications.nodes[0].id };
  const cancelled = await ask(
    'mutation Cancel($input: CancelApplicationInput!) { cancelApplication(input: $input) { __typename } }',
    { input },
  );
  const arrived = (await mine.next()).value.data.myEvents;
  check('a message arrives', arrived.about === 'APPLICATION', { arrived, cancelled });
  await mine.return();
}
