import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkProps, flagArgs } from '../../contract/args.ts';
import { milliseconds } from '../../contract/duration.ts';
import { type FlagKey, type FlagProps, fallbacks, flagKeys } from '../../contract/flags.ts';
import { parseFlags } from '../../contract/parse.ts';
import { comparable, goodProps, goodValues } from '../support/flag-values.ts';

/** Returns what is needed beside a prop for the rules that hold for several. */
function beside(key: FlagKey): FlagProps {
  return key === 'tlsCert' || key === 'tlsKey' ? { tlsCert: '/a.crt', tlsKey: '/a.key' } : {};
}

function configOf(args: readonly string[]) {
  const parsed = parseFlags(args);
  if ('faults' in parsed) assert.fail(JSON.stringify(parsed.faults));
  return comparable(parsed.config);
}

for (const key of flagKeys) {
  test(`the parser gives back what the args say of ${key}`, () => {
    const property = fc.property(goodValues(key), (value) => {
      const props = { ...beside(key), [key]: value };
      fc.pre(props.port !== fallbacks.metricsPort && props.metricsPort !== fallbacks.port);
      assert.deepEqual(configOf(flagArgs(props)), comparable({ ...fallbacks, ...props }));
    });
    fc.assert(property, { numRuns: 50 });
  });
}

test('the parser gives back what the args say of all props together', () => {
  const property = fc.property(goodProps(), (props) => {
    fc.pre(checkProps(props).length === 0);
    assert.deepEqual(configOf(flagArgs(props)), comparable({ ...fallbacks, ...props }));
  });
  fc.assert(property);
});

test('props and the parser find the same faults', () => {
  const numbers = fc.record({ port: fc.integer(), metricsPort: fc.integer(), tokenExpiration: fc.integer() });
  const texts = fc.record({ namespace: fc.string(), tlsCert: fc.string(), tlsMinVersion: fc.string() });
  const property = fc.property(fc.oneof(numbers, texts), (props) => {
    const parsed = parseFlags(flagArgs(props));
    const byParser = 'faults' in parsed ? parsed.faults : [];
    assert.deepEqual(
      byParser.map(({ code, received }) => ({ code, received })).sort(byText),
      checkProps(props)
        .map(({ code, received }) => ({ code, received }))
        .sort(byText),
    );
  });
  fc.assert(property);
});

function byText(one: object, other: object): number {
  return JSON.stringify(one) < JSON.stringify(other) ? -1 : 1;
}

test('args hold only what differs from the fallback, in the order of the table', () => {
  const props = { v: 4, port: 8443, tokenExpiration: 86_400, inCluster: false, certDuration: milliseconds(90_000) };
  assert.deepEqual(flagArgs(props), ['--port=8443', '--cert-duration=1m30s', '--in-cluster=false', '--v=4']);
});

test('args hold the certificate files although they are the fallbacks, because giving them chooses the mode', () => {
  const { tlsCert, tlsKey } = fallbacks;
  assert.deepEqual(flagArgs({ tlsCert, tlsKey }), [`--tls-cert=${tlsCert}`, `--tls-key=${tlsKey}`]);
});

test('props that are no flags are passed over', () => {
  const props = { image: 'x', port: 8443 } as FlagProps;
  assert.deepEqual(flagArgs(props), ['--port=8443']);
  assert.deepEqual(checkProps(props), []);
});

for (const [key, value, received] of [
  ['port', '8443', 'the string 8443'],
  ['port', null, 'null'],
  ['certDuration', 60, 'the number 60'],
  ['inCluster', 'false', 'the string false'],
  ['tlsCipherSuites', 'TLS_AES_128_GCM_SHA256', 'the string TLS_AES_128_GCM_SHA256'],
  ['tlsCipherSuites', [1], 'a list'],
  ['namespace', {}, 'object'],
  ['stderrthreshold', 4, 'the number 4'],
] as const) {
  test(`an untyped caller's ${key} that is ${received} is a fault of type`, () => {
    const faults = checkProps({ [key]: value } as FlagProps);
    assert.deepEqual(
      faults.map((fault) => [fault.code, fault.flag, fault.received]),
      [['WRONG_TYPE', key, received]],
    );
  });
}

for (const [key, value, code] of [
  ['port', 1.5, 'BAD_VALUE'],
  ['port', Number.NaN, 'BAD_VALUE'],
  ['port', 70_000, 'OUT_OF_RANGE'],
  ['certDuration', milliseconds(Number.NaN), 'BAD_VALUE'],
  ['resyncPeriod', milliseconds(1), 'OUT_OF_RANGE'],
  ['tlsCipherSuites', ['a,b'], 'BAD_VALUE'],
  ['tlsCipherSuites', [''], 'BAD_VALUE'],
  ['tokenMountPath', 'relative', 'BAD_VALUE'],
  ['metricsPort', 443, 'SAME_PORT'],
  ['tlsKey', '/a.key', 'HALF_A_PAIR'],
] as const) {
  test(`the prop ${key} with ${JSON.stringify(value)} is the fault ${code}`, () => {
    const faults = checkProps({ [key]: value } as FlagProps);
    assert.deepEqual(
      faults.map((fault) => [fault.code, fault.flag]),
      [[code, key]],
    );
  });
}
