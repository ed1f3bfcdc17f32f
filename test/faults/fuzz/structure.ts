/** Fuzz: mutators of a review as a tree: fields that are missing, of another type, or named as nobody would. Writes no bytes. */
import type { Dice } from './dice.ts';
import type { Json } from './originals.ts';
import { entriesOf, isHolder, pickHolder, pickSpot, put, putAnywhere } from './spots.ts';

/** Changes the review in place. */
export type TreeMutator = (review: Json, dice: Dice) => void;

/** A field that makes a promise of an object where somebody awaits it. */
const then = 'then';

const texts = ['', ' ', 'Pod', 'windows', '..', '/', '~1', 'a/b', '%2f', '__proto__', 'toString', '$&', '\\', '"]}'];
const strangeTexts = ['\ud800', '\udc00\ud800', '\0', '\u2028', '\ufeff', '\u202e', '💥', 'e\u0301', '\x7f', '\r\n'];
const numbers = [0, -0, -1, 0.5, 2 ** 31, 2 ** 53, -(2 ** 63), 1e308, 5e-324];
const lists = [[], [null], [[]], [{}], [0], ['x'], [{ name: null }], [{ name: '' }], [{ name: 'x', mountPath: 5 }]];
const objects = [{}, { length: 2 ** 32 - 1 }, { name: 'x' }, { toJSON: 'x' }, { [then]: 'x' }, { '': '' }, { 0: 0 }];
const values: readonly unknown[] = [null, true, false, ...texts, ...strangeTexts, ...numbers, ...lists, ...objects];

/** Returns a copy: what is put into a review may be changed there. */
const pickValue = (dice: Dice): unknown => structuredClone(dice.pick(values));

const names = [
  ...['__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString', 'valueOf', 'toJSON', 'then', 'length'],
  ...['', '0', '-1', '4294967295', 'name', 'Name', 'spec ', 'containers', 'env', 'a.b', 'a/b', '~', '\ud800', '\0'],
];

/** What a prototype must never get. */
const pollution = () => ({ kind: 'Pod', uid: 'polluted', containers: [], name: 'polluted', [then]: 'x', length: 1 });

const prefix = 'eks.amazonaws.com';
const annotationNames = [
  ...['skip-containers', 'include-containers', 'token-expiration', 'region', 'role-arn', 'audience'].map(
    (name) => `${prefix}/${name}`,
  ),
  ...['eks.amazonaws.co/role_arn', 'role-arn', 'EKS.amazonaws.com/Skip-Containers', `${prefix}//`, `${prefix}/`, '/'],
  ...[`${prefix}/skip-pod-identity-webhook`, 'kubernetes.io/config.mirror', `${prefix}/pod-identity`],
];
const annotationValues = [
  ...['', 'app', 'app,app', '"', '"a""b', 'a,"b', '",",",', ' , ,', 'ghost', '__proto__', '\0', '\ud800', '💥'],
  ...['0', '-1', '+600', '99999999999999999999', '1e3', '0x258', '٦٠٠', '6 00', 'NaN', 'true'],
];

const accounts = [
  ...[
    'default',
    'account-0',
    'account-1',
    'ghost',
    '.',
    '..',
    '../..',
    'a/b',
    '%2e%2e',
    'A',
    'ä',
    '\ud800',
    '\0',
    '?x',
  ],
  ...['-', '0', 'a'.repeat(253), 'a'.repeat(254), '#', ' account-0', 'account-0\n', '__proto__', ''],
];

const requestFields: Readonly<Record<string, readonly unknown[]>> = {
  uid: ['', ' ', 0, null, '\ud800', '\0', '"', '💥', 'x'.repeat(5000)],
  operation: ['', 'create', 'UPDATE', 'DELETE', 'CONNECT', 'CREATE ', 1, null, ['CREATE']],
  namespace: [...accounts, null, 0, [], {}],
  resource: [
    null,
    'pods',
    [],
    {},
    { resource: 'pods' },
    { group: '', resource: 'pods/x' },
    { group: null, resource: 'pods' },
  ],
  subResource: [null, '', 'status', 'ephemeralcontainers', 0, {}],
  object: [null, 'pod', [], {}, { kind: 'Pod' }, { spec: {} }, { spec: { containers: [] } }],
  oldObject: [{}, 'x', []],
  dryRun: ['true', 1, true, null, {}],
  kind: [null, 'Pod', {}, []],
};

const own = 'aws-iam-token';
const folder = '/var/run/secrets/eks.amazonaws.com/serviceaccount';
const paths = [folder, `${folder}/`, `/${folder}`, `${folder}/token`, `${folder}-1`, '', '/', '//', 'C:\\', 'a'];

/** Returns a field of a holder as a holder, made if need be. */
function within(holder: Json, key: string, fallback: Json | unknown[] = {}): Json {
  if (!isHolder(holder[key])) put({ holder, key }, fallback);
  return holder[key] as Json;
}

const podOf = (review: Json): Json => within(within(review, 'request'), 'object');
const specOf = (review: Json): Json => within(podOf(review), 'spec');

function someContainer(review: Json, dice: Dice): Json {
  const containers = within(specOf(review), dice.pick(['containers', 'containers', 'initContainers']), [
    { name: 'app' },
  ]);
  const keys = Object.keys(containers);
  return within(containers, keys.length > 0 ? dice.pick(keys) : '0');
}

/** Every kind, by name. */
export const treeMutators = {
  'value replaced': (review, dice) => putAnywhere(review, dice, pickValue(dice)),
  'field dropped'(review, dice) {
    const { holder, key } = pickSpot(review, dice);
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else if (holder !== review || Object.keys(review).length > 1) delete holder[key];
  },
  'field renamed'(review, dice) {
    const { holder, key } = pickSpot(review, dice);
    put({ holder, key: dice.pick(names) }, holder[key]);
  },
  'field added': (review, dice) => put({ holder: pickHolder(review, dice), key: dice.pick(names) }, pickValue(dice)),
  'prototype poisoned'(review, dice) {
    const key = dice.pick(['__proto__', '__proto__', 'constructor', 'prototype']);
    const value = key === 'constructor' ? { prototype: pollution() } : pollution();
    put({ holder: pickHolder(review, dice), key }, value);
  },
  'types swapped'(review, dice) {
    const { holder, key } = pickSpot(review, dice);
    const value = holder[key];
    const shapes = [() => [value], () => ({ [key]: value }), () => String(value), () => Number(value), () => !value];
    const turned = isHolder(value) ? [() => Object.fromEntries(entriesOf(value)), () => Object.values(value)] : [];
    put({ holder, key }, dice.pick([...shapes, ...turned])());
  },
  'parts exchanged'(review, dice) {
    const [one, other] = [pickSpot(review, dice), pickSpot(review, dice)];
    const [first, second] = [one.holder[one.key], other.holder[other.key]].map((value) => structuredClone(value));
    put(one, second);
    put(other, first);
  },
  'part repeated'(review, dice) {
    const { holder, key } = pickSpot(review, dice);
    const copies = Array.from({ length: dice.between(2, 8) }, () => structuredClone(holder[key]));
    if (Array.isArray(holder)) holder.splice(Number(key), 0, ...copies);
    else put({ holder, key }, copies);
  },
  'list reordered'(review, dice) {
    const { holder } = pickSpot(review, dice);
    if (Array.isArray(holder)) holder.reverse().push(pickValue(dice));
  },
  'text spoilt'(review, dice) {
    const { holder, key } = pickSpot(review, dice);
    const value = holder[key];
    const text = typeof value === 'string' ? value : '';
    const at = dice.below(text.length + 1);
    put({ holder, key }, text.slice(0, at) + dice.pick(strangeTexts) + text.slice(at));
  },
  'long text': (review, dice) =>
    putAnywhere(
      review,
      dice,
      dice.pick([...texts, ...strangeTexts, 'x', ',', '"a",']).repeat(dice.between(100, 20_000)),
    ),
  'nested deeply'(review, dice) {
    let value: unknown = pickValue(dice);
    for (let depth = dice.between(10, 1000); depth > 0; depth--) value = depth % 2 === 0 ? [value] : { name: value };
    putAnywhere(review, dice, value);
  },
  annotations(review, dice) {
    const metadata = within(podOf(review), 'metadata');
    const holder = within(metadata, dice.pick(['annotations', 'annotations', 'annotations', 'labels']));
    for (let i = dice.between(1, 4); i > 0; i--)
      put({ holder, key: dice.pick(annotationNames) }, dice.pick(annotationValues));
  },
  'account named'(review, dice) {
    const holder = dice.chance(0.5) ? within(review, 'request') : specOf(review);
    put({ holder, key: holder === review.request ? 'namespace' : 'serviceAccountName' }, dice.pick(accounts));
  },
  'request field'(review, dice) {
    const key = dice.pick(Object.keys(requestFields));
    put({ holder: within(review, 'request'), key }, structuredClone(dice.pick(requestFields[key] ?? [])));
  },
  'review field'(review, dice) {
    const key = dice.pick(['kind', 'apiVersion']);
    put(
      { holder: review, key },
      dice.pick(['AdmissionReview', 'admission.k8s.io/v1', 'admission.k8s.io/v1beta1', ...values]),
    );
  },
  'volume in the way'(review, dice) {
    const volumes = within(specOf(review), 'volumes', []);
    const audience = dice.pick(['sts.amazonaws.com', 'vault', 5, null]);
    const token = { serviceAccountToken: { audience, path: dice.pick(['token', 'a/b', '', null, 0]) } };
    const projected = dice.pick([
      { sources: [token, token] },
      { sources: {} },
      { sources: [null, 5, token] },
      null,
      [],
      'x',
    ]);
    const volume = { name: dice.pick([own, `${own}-1`, '', 'x'.repeat(64)]), projected };
    if (Array.isArray(volumes)) volumes.push(volume, dice.pick([volume, null]));
  },
  'mount in the way'(review, dice) {
    const container = someContainer(review, dice);
    const mounts = Array.from({ length: dice.between(1, 5) }, () => ({
      name: dice.pick([own, `${own}-1`, 'vault', 'data', '']),
      mountPath: dice.pick(paths),
      subPath: dice.pick([undefined, '', 'x', 5]),
    }));
    put({ holder: container, key: 'volumeMounts' }, mounts);
  },
  'variable in the way'(review, dice) {
    const variables = ['AWS_ROLE_ARN', 'AWS_IAM_ROLE_ARN', 'AWS_WEB_IDENTITY_TOKEN_FILE', 'AWS_REGION', 'AWS_', ''];
    const env = variables.filter(() => dice.chance(0.5)).map((name) => ({ name, value: pickValue(dice) }));
    put({ holder: someContainer(review, dice), key: 'env' }, env);
  },
} as const satisfies Readonly<Record<string, TreeMutator>>;

/** Several kinds on top of each other. */
export const severalAtOnce: TreeMutator = (review, dice) => {
  for (let i = dice.between(2, 5); i > 0; i--) dice.pick(Object.values(treeMutators))(review, dice);
};
