// Starts GraphiQL on this server's own endpoint, with one tab for each question people ask first
// (`examples`), and a list of every document of the house (`documents`) to open beside them; both come
// from documents.js.
'use strict';

const tabOf = (name) => ({
  query: documents[name],
  // Not undefined: GraphiQL would show those of the tab that was open last.
  variables: Object.hasOwn(examples, name) ? JSON.stringify(examples[name], null, 2) : '',
});

// `/graphiql?document=Result` opens one document, so that it can be passed on as a link.
const wanted = new URLSearchParams(location.search).get('document');
const isKnown = wanted !== null && Object.hasOwn(documents, wanted);

// GraphiQL does not show the variables of the first tab; the first example has none.
const tabs = isKnown ? [wanted] : Object.keys(examples);

/** Puts a code into the look-up that was drawn: codes are others in each city. */
async function findCode() {
  const file = `/public/draws/${examples.Result.period}/result-individual.csv`;
  const answer = await fetch(file, { headers: { range: 'bytes=0-99' } });
  if (answer.ok) {
    examples.Result.code = (await answer.text()).split(',')[1];
  }
}

const names = Object.keys(documents);
const kinds = [
  ['query', '查询 Queries'],
  ['mutation', '变更 Mutations'],
  ['subscription', '订阅 Subscriptions'],
];

/** The list of documents, as links to this page. */
function Documents() {
  const entry = (name) =>
    React.createElement(
      'li',
      { key: name },
      React.createElement('a', { href: `?document=${name}`, title: name }, name),
      React.createElement('div', null, documents[name].split('\n')[0].replace('# ', '')),
    );
  const group = ([kind, title]) =>
    React.createElement(
      'section',
      { key: kind },
      React.createElement('h3', null, title),
      React.createElement(
        'ul',
        null,
        names.filter((name) => documents[name].includes(`\n${kind} `)).map(entry),
      ),
    );
  return React.createElement('div', { className: 'documents' }, kinds.map(group));
}

const plugin = {
  title: '文档 Documents',
  icon: () =>
    React.createElement(
      'svg',
      { viewBox: '0 0 24 24', fill: 'none', stroke: 'currentColor', strokeWidth: 1.5, 'aria-hidden': true },
      React.createElement('path', { d: 'M4 6h2m3 0h11M4 12h2m3 0h11M4 18h2m3 0h11' }),
    ),
  content: Documents,
};

const page = () =>
  React.createElement(GraphiQL, {
    fetcher: GraphiQL.createFetcher({
      url: '/graphql',
      subscriptionUrl: `${location.origin.replace('http', 'ws')}/graphql`,
    }),
    defaultTabs: tabs.map(tabOf),
    ...(isKnown && tabOf(wanted)),
    plugins: [plugin],
    defaultEditorToolsVisibility: 'variables',
    // Sign-in tokens typed into the headers panel must not outlive the tab.
    shouldPersistHeaders: false,
  });

// Without a code that was drawn the look-up is still a question.
const show = () => ReactDOM.createRoot(document.getElementById('graphiql')).render(page());
findCode().then(show, show);
