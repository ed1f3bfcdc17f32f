import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkProps } from '../../contract/args.ts';
import type { FlagKind } from '../../contract/flag-types.ts';
import { fallbacks, flagKeys, flagRows } from '../../contract/flags.ts';
import { writeFallback } from '../../contract/rules.ts';

const measured: ReadonlySet<FlagKind> = new Set(['int', 'level', 'duration']);

for (const key of flagKeys) {
  const row = flagRows[key];

  test(`${key} is ${row.flag} in camelCase`, () => {
    assert.equal(
      row.flag.replace(/[-_](.)/g, (_, letter: string) => letter.toUpperCase()),
      key,
    );
  });

  test(`${key} has limits if it is a quantity, and only then`, () => {
    assert.deepEqual([row.min !== undefined, row.max !== undefined], Array(2).fill(measured.has(row.kind)));
  });

  test(`the help for ${key} is one line without a full stop or the quotes that pflag takes for a type`, () => {
    assert.match(row.help, /^[A-Z][^\n`]*[^.\n`]$/);
  });

  test(`${key} has a letter only if it takes a value, because letters come in no clusters`, () => {
    assert.ok(row.shorthand === undefined || row.kind !== 'bool');
    assert.notEqual(row.shorthand, 'h');
  });
}

test('no two flags have one name, dashes and underscores being the same', () => {
  const names = flagKeys.map((key) => flagRows[key].flag.replaceAll('_', '-'));
  assert.deepEqual([...new Set(names)], names);
});

test('the fallbacks keep the rules', () => assert.deepEqual(checkProps(fallbacks), []));

/** The flags of the Go webhook 0.6.17 that are not of 2019, with their defaults. */
const goFlags: Readonly<Record<string, string | undefined>> = {
  add_dir_header: 'false',
  alsologtostderrthreshold: '0',
  'aws-default-region': undefined,
  'compose-role-arn': 'false',
  'container-credentials-audience': 'pods.eks.amazonaws.com',
  'container-credentials-full-uri': 'http://169.254.170.23/v1/credentials',
  'container-credentials-token-mount-path': '/var/run/secrets/pods.eks.amazonaws.com/serviceaccount',
  'container-credentials-token-path': 'eks-pod-identity-token',
  'container-credentials-token-volume-name': 'eks-pod-identity-token',
  'enable-debugging-handlers': 'false',
  legacy_stderr_threshold_behavior: 'true',
  log_file: undefined,
  log_file_max_size: '1800',
  'metrics-port': '9999',
  one_output: 'false',
  'resync-period': '1m0s',
  // 0s there: behaviour.md, the first second of a service account
  'service-account-lookup-grace-period': '1s',
  skip_headers: 'false',
  skip_log_headers: 'false',
  'sts-regional-endpoint': 'false',
  'tls-cert': '/etc/webhook/certs/tls.crt',
  'tls-cipher-suites': undefined,
  'tls-key': '/etc/webhook/certs/tls.key',
  'tls-min-version': undefined,
  version: 'false',
  'watch-config-map': 'false',
  'watch-container-credentials-config': undefined,
};

test('every flag of the Go webhook is there with its default', () => {
  const found = flagKeys.map((key) => flagRows[key]).filter(({ origin }) => origin === 'today');
  assert.deepEqual(Object.fromEntries(found.map((row) => [row.flag, writeFallback(row)])), goFlags);
});
