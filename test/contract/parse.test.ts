import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type FlagFault, flagFaultCodes, renderFault } from '../../contract/flag-fault.ts';
import { type Config, type FlagKey, fallbacks, flagKeys, flagRows } from '../../contract/flags.ts';
import { type ParsedFlags, parseFlags } from '../../contract/parse.ts';
import { anyText, comparable } from '../support/flag-values.ts';

function parsed(args: readonly string[]): ParsedFlags {
  const result = parseFlags(args);
  if ('faults' in result) assert.fail(result.faults.map(renderFault).join('\n'));
  return result;
}

function faults(args: readonly string[]): readonly FlagFault[] {
  const result = parseFlags(args);
  return 'faults' in result ? result.faults : [];
}

function lines(args: readonly string[]): readonly string[] {
  return faults(args).map(renderFault);
}

const good: readonly (readonly [string, Partial<Record<FlagKey, unknown>>])[] = [
  ['', {}],
  ['--port 8443', { port: 8443 }],
  ['--port=8443', { port: 8443 }],
  ['--port=1 --port=2', { port: 2 }],
  ['--port 0x10', { port: 16 }],
  ['--port +8443', { port: 8443 }],
  ['--in-cluster=false', { inCluster: false }],
  ['--in-cluster=F', { inCluster: false }],
  ['--in-cluster=false --in-cluster', { inCluster: true }],
  ['--logtostderr --port 8443', { logtostderr: true, port: 8443 }],
  ['--logtostderr=1', { logtostderr: true }],
  ['-v 4', { v: 4 }],
  ['-v=4', { v: 4 }],
  ['-v4', { v: 4 }],
  ['--v 4', { v: 4 }],
  ['--v=4', { v: 4 }],
  ['--in_cluster=false', { inCluster: false }],
  ['--log-dir /a', { logDir: '/a' }],
  ['--log_dir /a', { logDir: '/a' }],
  ['--kubeconfig=a=b', { kubeconfig: 'a=b' }],
  ['--kubeconfig -', { kubeconfig: '-' }],
  ['--kube-api=', { kubeApi: '' }],
  ['--cert-duration 90m', { certDuration: 5_400_000 }],
  ['--service-account-lookup-grace-period=0', { serviceAccountLookupGracePeriod: 0 }],
  ['--tls-cipher-suites a,b --tls-cipher-suites=c', { tlsCipherSuites: ['a', 'b', 'c'] }],
  ['--tls-cipher-suites=', { tlsCipherSuites: [] }],
  ['--stderrthreshold=1', { stderrthreshold: 1 }],
  ['--stderrthreshold warning', { stderrthreshold: 1 }],
  ['--stderrthreshold FATAL', { stderrthreshold: 3 }],
  ['--vmodule=reflector=6,http/*=4', { vmodule: 'reflector=6,http/*=4' }],
  ['--log_backtrace_at=mutate.ts:12', { logBacktraceAt: 'mutate.ts:12' }],
  ['--port=8443 --', { port: 8443 }],
];

for (const [line, expected] of good) {
  test(`reads \`${line}\``, () => {
    const { config, given, help } = parsed(line.split(' ').filter((arg) => arg !== ''));
    assert.deepEqual(comparable(config), { ...comparable(fallbacks), ...expected });
    assert.deepEqual([...given].sort(), Object.keys(expected).sort());
    assert.equal(help, false);
  });
}

test('every spelling of a bool that Go reads is read, and no other', () => {
  const read = (text: string) => {
    const result = parseFlags([`--in-cluster=${text}`]);
    return 'faults' in result ? result.faults[0]?.code : result.config.inCluster;
  };
  assert.deepEqual(['1', 't', 'T', 'TRUE', 'true', 'True'].map(read), Array(6).fill(true));
  assert.deepEqual(['0', 'f', 'F', 'FALSE', 'false', 'False'].map(read), Array(6).fill(false));
  assert.deepEqual(['', 'yes', 'tRUE', 'on', '2'].map(read), Array(5).fill('BAD_VALUE'));
});

for (const line of ['--help', '-h', '-help', '--port=x --help', '--help=x', '-h --nonsense']) {
  test(`\`${line}\` asks for help, whatever else is wrong`, () => assert.equal(parsed(line.split(' ')).help, true));
}

test('the help that is the value of a flag asks for nothing', () => {
  assert.equal(parsed(['--kubeconfig', '-h']).config.kubeconfig, '-h');
});

const bad: Readonly<Record<string, readonly string[]>> = {
  '--prot 8443': [
    '--prot: is not a flag of this webhook; write --port if that is meant; --help lists all (UNKNOWN_FLAG)',
  ],
  '-port 8443': [
    '-port: is not a flag of this webhook; write --port if that is meant; --help lists all (UNKNOWN_FLAG)',
  ],
  '-vmodule=a=1': [
    '-vmodule: is not a flag of this webhook; write --vmodule if that is meant; --help lists all (UNKNOWN_FLAG)',
  ],
  '--tokenExpiration=900': [
    '--tokenExpiration: is not a flag of this webhook; write --token-expiration if that is meant; --help lists all (UNKNOWN_FLAG)',
  ],
  '--quite-another': ['--quite-another: is not a flag of this webhook; --help lists all (UNKNOWN_FLAG)'],
  '-x': ['-x: is not a flag of this webhook; --help lists all (UNKNOWN_FLAG)'],
  '--port': ['--port: needs a value: a whole number from 1 to 65535; write --port=VALUE (MISSING_VALUE)'],
  '--kubeconfig --port=1': ['--kubeconfig: needs a value: text; write --kubeconfig=VALUE (MISSING_VALUE)'],
  '--in-cluster false': [
    '--in-cluster: got "false"; only flags are taken; write --in-cluster=VALUE, with the equals sign (UNEXPECTED_ARGUMENT)',
  ],
  serve: ['argument: got "serve"; only flags are taken; leave it out, or write --FLAG=VALUE (UNEXPECTED_ARGUMENT)'],
  '-- --port=1': [
    'argument: got "--port=1"; only flags are taken; leave it out, or write --FLAG=VALUE (UNEXPECTED_ARGUMENT)',
  ],
  '--token-expiration 5': [
    '--token-expiration: got "5"; must be a whole number of seconds from 600 to 86400; give such a value, or leave --token-expiration out for its default, 86400 (OUT_OF_RANGE)',
  ],
  '--cert-duration=1d': [
    '--cert-duration: got "1d"; must be a length of time such as 1h30m or 300ms from 1m0s to 876600h0m0s; give such a value, or leave --cert-duration out for its default, 8760h0m0s (BAD_VALUE)',
  ],
  '--kube-api=nope': [
    '--kube-api: got "nope"; must be a URL that starts with https:// or http://; give such a value, or leave --kube-api out for its default (BAD_VALUE)',
  ],
  '--stderrthreshold=warn': [
    '--stderrthreshold: got "warn"; must be 0 to 3, or INFO, WARNING, ERROR, FATAL; give such a value, or leave --stderrthreshold out for its default, 2 (BAD_VALUE)',
  ],
  '--metrics-port=443': [
    '--metrics-port: got "443"; must differ from --port, which is 443 too; give one of them another port, or --metrics-port 0 for none (SAME_PORT)',
  ],
  '--tls-key=/a.key': [
    '--tls-key: counts only together with --tls-cert; give --tls-cert as well, or neither (HALF_A_PAIR)',
  ],
};

for (const [line, expected] of Object.entries(bad)) {
  test(`refuses \`${line}\``, () => assert.deepEqual(lines(line.split(' ')), expected));
}

for (const text of ['', ' ', '1.5', '010', '1e3', '٤', '0x', '--1', 'NaN', 'Infinity', '9'.repeat(400)]) {
  test(`${JSON.stringify(text.slice(0, 10))} is no port`, () => {
    assert.deepEqual(
      faults([`--port=${text}`]).map((fault) => fault.code),
      ['BAD_VALUE'],
    );
  });
}

test('all faults are found at once, in the order of the arguments', () => {
  const args = '--prot 1 extra --port=0 --token-mount-path=x --metrics-port --tls-cert=/a.crt --no -- more';
  assert.deepEqual(
    faults(args.split(' ')).map((fault) => fault.code),
    [
      'UNKNOWN_FLAG',
      'UNEXPECTED_ARGUMENT',
      'OUT_OF_RANGE',
      'BAD_VALUE',
      'MISSING_VALUE',
      'UNKNOWN_FLAG',
      'UNEXPECTED_ARGUMENT',
      'HALF_A_PAIR',
    ],
  );
});

test('a bad value that a good one follows is a fault all the same', () => {
  assert.deepEqual(
    faults(['--port=x', '--port=8443']).map((fault) => fault.code),
    ['BAD_VALUE'],
  );
});

test('a flag with a bad value takes no part in the rules for several flags', () => {
  assert.deepEqual(
    faults(['--port=x', '--metrics-port=443', '--tls-cert=', '--tls-key=/a']).map((fault) => fault.code),
    ['BAD_VALUE', 'BAD_VALUE'],
  );
});

test('control characters of an argument do not reach the terminal, and a line stays a line', () => {
  const [line] = lines([`--port=\u001b[2J\n\u202e\u009b${'x'.repeat(200)}`]);
  assert.match(line ?? '', /^--port: got "\\u\{1b\}\[2J\\u\{a\}\\u\{202e\}\\u\{9b\}x+…"; must be/);
});

const argument = fc.oneof(
  anyText,
  fc.constantFrom('--', '-', '-v', '-h', '--=', '---', '-=', '--help', '__proto__', '--__proto__', '--constructor=1'),
  fc
    .tuple(fc.constantFrom(...flagKeys), fc.constantFrom('', '=', '=1'), anyText)
    .map(([key, middle, end]) => `--${flagRows[key].flag}${middle}${end}`),
);

test('whatever the arguments, the parser gives a whole config or faults with a known code in one line each', () => {
  const property = fc.property(fc.array(argument), (args) => {
    const result = parseFlags(args);
    if (!('faults' in result)) {
      assert.deepEqual(Object.keys(result.config), Object.keys(fallbacks));
      assert.ok(Object.values(result.config as Config).every((value) => value !== undefined));
      return;
    }
    assert.ok(result.faults.length > 0);
    for (const fault of result.faults) {
      assert.ok(fault.code in flagFaultCodes);
      assert.doesNotMatch(renderFault(fault), /\p{Cc}/u);
    }
  });
  fc.assert(property, { numRuns: 1000 });
});
