// Starts GraphiQL on this server's own endpoint, with one tab for each question people ask first, and
// a list of every document of the house (`documents`, from documents.js) to open beside them.
'use strict';

// What the tabs are filled with; the demo has these periods and this draw.
const examples = {
  Periods: { first: 12 },
  Period: { number: '202606' },
  Result: { period: '202606', code: '0486106556966' },
  Draw: { id: '202606' },
  DrawVerdict: { id: '202606' },
  Calendar: { from: '2026-06-01', to: '2026-07-31' },
};

const tabOf = (name) => ({
  query: documents[name],
  variables: examples[name] && JSON.stringify(examples[name], null, 2),
});

// `/graphiql?document=Result` opens one document, so that it can be passed on as a link.
const wanted = new URLSearchParams(location.search).get('document');
const isKnown = wanted !== null && Object.hasOwn(documents, wanted);

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
  icon: () => React.createElement('span', { 'aria-hidden': true }, '文'),
  content: Documents,
};

const page = React.createElement(GraphiQL, {
  fetcher: GraphiQL.createFetcher({ url: '/graphql' }),
  defaultTabs: Object.keys(examples).map(tabOf),
  ...(isKnown && tabOf(wanted)),
  plugins: [plugin],
  defaultEditorToolsVisibility: 'variables',
  // Sign-in tokens typed into the headers panel must not outlive the tab.
  shouldPersistHeaders: false,
});

ReactDOM.createRoot(document.getElementById('graphiql')).render(page);
