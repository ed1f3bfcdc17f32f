import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flagKeys, flagRows } from '../../contract/flags.ts';
import { usage } from '../../contract/usage.ts';

/** The flags of the readme of 2019 in its order: the part of a line before the help, what the help begins with, the default. */
const seed: readonly (readonly [string, string, string])[] = [
  ['      --alsologtostderr                  ', '', ''],
  ['      --annotation-prefix string         ', '', '"eks.amazonaws.com"'],
  ['      --cert-dir string                  ', '(out-of-cluster) ', '"/etc/webhook/certs"'],
  ['      --cert-duration duration           ', '(out-of-cluster) ', '8760h0m0s'],
  ['      --in-cluster                       ', '', 'true'],
  ['      --kube-api string                  ', '(out-of-cluster) ', ''],
  ['      --kubeconfig string                ', '(out-of-cluster) ', '"~/.kube/config"'],
  ['      --log_backtrace_at traceLocation   ', '', ':0'],
  ['      --log_dir string                   ', '', ''],
  ['      --logtostderr                      ', '', ''],
  ['      --namespace string                 ', '(in-cluster) ', '"eks"'],
  ['      --port int                         ', '', '443'],
  ['      --service-name string              ', '(in-cluster) ', '"iam-for-pods"'],
  ['      --stderrthreshold severity         ', '', '2'],
  ['      --tls-secret string                ', '(in-cluster) ', '"iam-for-pods"'],
  ['      --token-audience string            ', '', '"sts.amazonaws.com"'],
  ['      --token-expiration int             ', '', '86400'],
  ['      --token-mount-path string          ', '', '"/var/run/secrets/eks.amazonaws.com/serviceaccount"'],
  ['  -v, --v Level                          ', '', ''],
  ['      --vmodule moduleSpec               ', '', ''],
  ['      --webhook-config string            ', '(out-of-cluster) ', '"/etc/webhook/config.yaml"'],
];

const lineForm = /^(.{41})((?:\((?:in|out-of)-cluster\) )?)(\S.*?)(?: \(default (.*)\))?$/;

test('the first section is that of 2019: names, types, columns, modes and defaults', () => {
  const [heading, ...lines] = usage().split('\n\n')[0]?.split('\n') ?? [];
  assert.equal(heading, 'Usage of amazon-eks-pod-identity-webhook:');
  const found = lines.map((line) => {
    const [, name, mode, , fallback] = lineForm.exec(line) ?? assert.fail(line);
    return [name, mode, fallback ?? ''];
  });
  assert.deepEqual(found, seed);
});

test('the sections after it have headings of their own and the flags in alphabetical order', () => {
  const [, ...sections] = usage().trimEnd().split('\n\n');
  const [headings, lists] = [sections.map((section) => section.split('\n')[0]), sections.map(names)];
  assert.deepEqual(headings, ['Flags that the Go webhook has since taken on:', 'Flags of this implementation:']);
  for (const list of lists) assert.deepEqual(list, [...list].sort());
});

test('each flag has one line', () => {
  assert.deepEqual(names(usage()).sort(), flagKeys.map((key) => flagRows[key].flag).sort());
});

function names(text: string): string[] {
  return [...text.matchAll(/^ {2}(?:-., | {4})--(\S+)/gm)].map((match) => match[1] ?? '');
}
