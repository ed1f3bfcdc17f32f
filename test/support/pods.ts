/** Arbitrary pods for property tests. */
import fc from 'fast-check';
import type { World } from './reviews.ts';

const path = '/var/run/secrets/eks.amazonaws.com/serviceaccount';

const tokenVolume = fc.record({
  projected: fc.record({
    sources: fc.array(
      fc.oneof(
        fc.record({
          serviceAccountToken: fc.record(
            {
              audience: fc.constantFrom('sts.amazonaws.com', 'vault'),
              expirationSeconds: fc.constant(3600),
              path: fc.constantFrom('token', 'vault', 'a/b'),
            },
            { requiredKeys: ['path'] },
          ),
        }),
        fc.constant({ configMap: { name: 'ca' } }),
      ),
      { maxLength: 3 },
    ),
  }),
});

const names = ['aws-token', 'aws-token-1', 'my-token', 'data', 'scratch'];

const volumes = fc.uniqueArray(
  fc
    .tuple(fc.constantFrom(...names), fc.oneof(tokenVolume, fc.constant({ emptyDir: {} })))
    .map(([name, source]) => ({ name, ...source })),
  { selector: ({ name }) => name, maxLength: 4 },
);

const mounts = fc.uniqueArray(
  fc.record(
    {
      name: fc.constantFrom(...names),
      mountPath: fc.constantFrom(
        path,
        `${path}/`,
        `${path}//`,
        `${path}/deep`,
        `${path}-1`,
        `${path}-1/x`,
        '/x',
        '/x/',
      ),
      subPath: fc.constantFrom('', 'token'),
      subPathExpr: fc.constant('$(POD)'),
      readOnly: fc.boolean(),
    },
    { requiredKeys: ['name', 'mountPath'] },
  ),
  { selector: ({ mountPath }) => mountPath, maxLength: 4 },
);

const env = fc.array(
  fc.record(
    {
      name: fc.constantFrom(
        'AWS_ROLE_ARN',
        'AWS_IAM_ROLE_ARN',
        'AWS_WEB_IDENTITY_TOKEN_FILE',
        'AWS_REGION',
        'AWS_STS_REGIONAL_ENDPOINTS',
        'HOME',
      ),
      value: fc.constantFrom('', 'mine', `${path}/token`),
      unknownField: fc.jsonValue({ maxDepth: 1 }),
    },
    { requiredKeys: ['name'] },
  ),
  { maxLength: 3 },
);

const listOrNothing = <T>(list: fc.Arbitrary<T>) => fc.option(list, { nil: null });

const containerName = fc.oneof(
  fc.constantFrom('app', 'proxy', 'a/b', '~0', 'constructor', '__proto__', 'toString', '"', '\ud800'),
  fc.string({ unit: 'binary', maxLength: 5 }),
);

const container = fc.record(
  {
    name: containerName,
    env: listOrNothing(env),
    volumeMounts: listOrNothing(mounts),
    unknownField: fc.jsonValue({ maxDepth: 2 }),
  },
  { requiredKeys: ['name'] },
);

const containers = fc.uniqueArray(container, { selector: ({ name }) => name, maxLength: 4 });

const annotations = fc.record(
  {
    'eks.amazonaws.com/skip-containers': fc.constantFrom('app', '"proxy", app', '"', 'ghost'),
    'eks.amazonaws.com/include-containers': fc.constantFrom('app,proxy', '', '__proto__'),
    'eks.amazonaws.com/token-expiration': fc.constantFrom('1', 'x', '3600'),
    'prometheus.io/scrape': fc.constant('true'),
  },
  { requiredKeys: [] },
);

/** Pods with whatever bears on a mutation: tokens and other volumes, mounts at and near our path, variables of ours. */
export const arbitraryPod = fc.record({
  metadata: fc.record({ annotations: listOrNothing(annotations) }, { requiredKeys: [] }),
  spec: fc.record(
    {
      containers,
      initContainers: listOrNothing(containers),
      ephemeralContainers: containers,
      volumes: listOrNothing(volumes),
      nodeSelector: fc.constantFrom(null, { 'kubernetes.io/os': 'windows' }, {}),
      unknownField: fc.jsonValue({ maxDepth: 2 }),
    },
    { requiredKeys: ['containers'] },
  ),
});

/** Flags and a random number. */
export const world: fc.Arbitrary<World> = fc.record({
  settings: fc.record({
    stsRegionalEndpoint: fc.boolean(),
    awsDefaultRegion: fc.constantFrom('', 'us-west-2'),
    tokenExpirationSpread: fc.boolean(),
  }),
  random: fc.double({ min: 0, max: 0.999, noNaN: true }),
});
