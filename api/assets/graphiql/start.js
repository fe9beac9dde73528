// Starts GraphiQL on this server's own endpoint, with one tab for each question people ask first.
'use strict';

const tabs = [
  `# 有哪些期？ Which periods are there?
#
# Press ▶ or Ctrl-Enter to ask.
# The Docs panel on the left lists every field.
query Periods {
  periods {
    nodes {
      number
      phase
    }
  }
}
`,
  `# 一期的情况。 One period, by its number.
query Period($number: String!) {
  period(number: $number) {
    number
    phase
  }
}
`,
  `# 某个申请编码中签了吗？ Has this application code won?
# Anyone may ask, for any code.
query Result($period: String!, $code: String!) {
  result(period: $period, code: $code) {
    __typename
  }
}
`,
  `# 一次摇号的公开记录。 The public records and files of one draw.
# Download them and check them yourself:
#   fairplate-verifier draw <folder>
query Draw($id: ID!) {
  draw(id: $id) {
    verdict
    records {
      kind
      hash
    }
    files {
      name
      sha256
    }
  }
}
`,
];

const variables = [
  undefined,
  { number: '202606' },
  { period: '202606', code: '0486106556966' },
  { id: '202606' },
];

const defaultTabs = tabs.map((query, place) => ({
  query,
  variables: variables[place] && JSON.stringify(variables[place], null, 2),
}));

const page = React.createElement(GraphiQL, {
  fetcher: GraphiQL.createFetcher({ url: '/graphql' }),
  defaultTabs,
  defaultEditorToolsVisibility: 'variables',
  // Sign-in tokens typed into the headers panel must not outlive the tab.
  shouldPersistHeaders: false,
});

ReactDOM.createRoot(document.getElementById('graphiql')).render(page);
