// Starts GraphiQL on this server's own endpoint, with one tab for each question people ask first.
'use strict';

const tabs = [
  `# 有哪些期？ Which periods are there?
# Press ▶ or Ctrl-Enter to ask.
# The Docs panel on the left describes every field.
query Periods {
  periods(first: 12) {
    nodes {
      number
      kind
      phase
      drawOn
      draws {
        id
        phase
      }
    }
  }
}
`,
  `# 一期的日程和指标。 The calendar and the quotas of one period.
query Period($number: PeriodNumber!) {
  period(number: $number) {
    phase
    appliesFrom
    appliesUntil
    reviewPublishOn
    drawOn
    publishedOn
    quotas {
      category
      quota
      reserve
    }
  }
}
`,
  `# 这个编码中签了吗？ Was this code selected?
# Anyone may ask, for any code: the answer is in the public files.
query Result($period: PeriodNumber!, $code: ApplicationCode!) {
  result(period: $period, code: $code) {
    __typename
    zh: sentence
    en: sentence(locale: EN)
    ... on ResultWon {
      rank
      weight
      serial
      score
    }
    ... on ResultReserve {
      rank
      weight
      serial
      score
    }
    ... on ResultNotSelected {
      weight
    }
  }
}
`,
  `# 一次摇号的公开记录和文件，以及核验结论。
# The public records and files of one draw, and the verifier's verdict on them.
# Download the files and ask your own copy:
#   fairplate-verifier draw <folder>
query Draw($id: ID!) {
  draw(id: $id) {
    phase
    beacon {
      chain
      round
      at
    }
    records {
      kind
      hash
      issuedAt
    }
    files {
      name
      sha256
      url
    }
    verdict {
      verdict
      steps {
        id
        title
        status
        firstFailure
      }
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
