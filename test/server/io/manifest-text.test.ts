import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeManifests } from '../../../server/io/manifest-text.ts';

const decode = (text: string) => decodeManifests('f.yaml', text);
const messages = (text: string) => decode(text).faults.map(({ message }) => message);

const account = (name: string, rest = '') =>
  `apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: ${name}\n${rest}`;

test('reads service accounts of several documents, in the namespace default where none is named', () => {
  const annotated = account('b', '  namespace: ns\n  annotations:\n    eks.amazonaws.com/role-arn: r\n');
  assert.deepEqual(decode(`# head\n${account('a')}---\n---\n${annotated}`), {
    accounts: [
      { key: 'default/a', where: 'f.yaml:2', annotations: {} },
      { key: 'ns/b', where: 'f.yaml:8', annotations: { 'eks.amazonaws.com/role-arn': 'r' } },
    ],
    configMaps: [],
    faults: [],
    ignored: [],
  });
});

test('reads JSON indented with tabs', () => {
  const json = JSON.stringify(
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'a', annotations: { k: 'v' } } },
    null,
    '\t',
  );
  assert.deepEqual(decode(json).accounts, [{ key: 'default/a', where: 'f.yaml:1', annotations: { k: 'v' } }]);
});

test('reads the items of a List, each with its line', () => {
  const list = `apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: ServiceAccount
  metadata: {name: a}
- apiVersion: v1
  kind: ServiceAccount
  metadata: {name: ''}
`;
  const { accounts, faults } = decode(list);
  assert.deepEqual(accounts, [{ key: 'default/a', where: 'f.yaml:4', annotations: {} }]);
  assert.deepEqual(faults, [
    {
      code: 'manifest-bad-object',
      message: 'f.yaml:7: metadata.name of this ServiceAccount must be a string; write it',
    },
  ]);
});

test('reads the ConfigMap of identities, and says at which line it is wrong', () => {
  const text = `apiVersion: v1
kind: ConfigMap
metadata: {name: pod-identity-webhook, namespace: eks}
data:
  config: |
    {"ns/sa": {"RoleARN": "r"}, "sa": {}}
`;
  const { configMaps, faults } = decode(text);
  assert.deepEqual(configMaps, [
    {
      key: 'eks/pod-identity-webhook',
      where: 'f.yaml:1',
      entries: [{ key: 'ns/sa', namespace: 'ns', name: 'sa', identity: { roleArn: 'r' } }],
    },
  ]);
  assert.deepEqual(faults, [
    {
      code: 'config-map-bad-key',
      message: 'f.yaml:5: key "sa" must be <namespace>/<name>, with one slash; the entry is ignored',
    },
  ]);
});

test('ignores other kinds, other ConfigMaps, and kinds of the same name in other groups', () => {
  const text = `{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: other}}
---
{apiVersion: other.example/v1, kind: ServiceAccount, metadata: {name: a}}
`;
  const { accounts, faults, ignored } = decode(text);
  assert.deepEqual([accounts, faults], [[], []]);
  assert.deepEqual(ignored, ['f.yaml:1: Deployment', 'f.yaml:3: ConfigMap default/other', 'f.yaml:5: ServiceAccount']);
});

for (const [what, text, message] of [
  ['text that is no YAML', 'a: [1', /^f\.yaml:1: not YAML \(.+\); correct it$/],
  [
    'a key that is there twice',
    `${account('a')}kind: x\n`,
    /^f\.yaml:5: not YAML \(Map keys must be unique\); correct it$/,
  ],
  ['a scalar', 'hello', /^f\.yaml:1: not an object; a manifest has apiVersion, kind, metadata$/],
  ['a list', '- a', /^f\.yaml:1: not an object/],
  ['a manifest without kind', 'apiVersion: v1', /^f\.yaml:1: kind must be a string; write it$/],
  ['a manifest without apiVersion', 'kind: ServiceAccount', /^f\.yaml:1: apiVersion must be a string; write it$/],
  [
    'a manifest without metadata',
    'apiVersion: v1\nkind: ServiceAccount',
    /^f\.yaml:1: metadata\.name of this ServiceAccount/,
  ],
  ['a name that is a number', account('5'), /^f\.yaml:1: metadata\.name of this ServiceAccount must be a string/],
  [
    'a namespace that is a list',
    account('a', '  namespace: []\n'),
    /^f\.yaml:1: metadata\.namespace of this ServiceAccount must be a string/,
  ],
  ['a List without items', 'apiVersion: v1\nkind: List', /^f\.yaml:1: items of a List must be a list; write it$/],
  [
    'an annotation that is no string',
    account('a', '  annotations:\n    good: x\n    bad: true\n'),
    /^f\.yaml:7: annotation bad must be a string \(ServiceAccount default\/a\); quote its value$/,
  ],
  [
    'annotations that are a list',
    account('a', '  annotations: []\n'),
    /^f\.yaml:5: metadata\.annotations must be an object \(ServiceAccount default\/a\); quote its value$/,
  ],
  [
    'a ConfigMap of identities without config',
    '{apiVersion: v1, kind: ConfigMap, metadata: {name: pod-identity-webhook}}',
    /^f\.yaml:1: data\.config of ConfigMap default\/pod-identity-webhook must be a string with JSON; write it$/,
  ],
] as const) {
  test(`reports ${what}, with its line, and keeps the other manifests`, () => {
    const [first, ...others] = messages(text);
    assert.match(first ?? '', message);
    assert.deepEqual(others, []);
    assert.deepEqual(
      decode(`${text}\n---\n${account('good')}`).accounts.map(({ key }) => key),
      ['default/good'],
    );
  });
}

test('refuses aliases that unfold without end', () => {
  const levels = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(', ')}]`);
  assert.match(
    messages(`l0: &l0 [x]\n${levels.join('\n')}`)[0] ?? '',
    /^f\.yaml:1: not usable \(.*alias.*\); write it without aliases$/,
  );
});

test('quotes nothing of a broken text, which may be a Secret', () => {
  for (const text of [
    'data: {key: c2VjcmV0',
    'data: "c2VjcmV0" c2VjcmV0',
    'key: *c2VjcmV0',
    '@c2VjcmV0',
    'a: b: c2VjcmV0',
  ]) {
    assert.ok(messages(text).length > 0, text);
    for (const message of messages(text)) assert.doesNotMatch(message, /c2VjcmV0/);
  }
});

test('never throws', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: fc.constantFrom(...'{}[]:,-&*!|>\'"%@` \n\tab1?#') }), fc.json()),
      (text) => void decode(text),
    ),
  );
});
