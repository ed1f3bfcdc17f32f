/** `make cluster-up`: renders with IMAGE, applies, approves what the webhook asks to be signed, and waits until it is ready. */
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { kubectl, list, requireCluster } from './kubectl.ts';
import { folder, type Installation, render } from './manifests.ts';
import { judgeRollout, type Progress, type RollingDeployment, type RollingPod } from './rollout.ts';
import { namesToApprove, type SigningRequest } from './signing-requests.ts';

const { IMAGE: image, TIMEOUT: timeout = '180' } = process.env;
const limitMs = Number(timeout) * 1000;
const say = (line: string) => void process.stdout.write(`${line}\n`);

async function up(): Promise<void> {
  if (!image)
    throw new Error('IMAGE is not set: make cluster-up IMAGE=registry.example.com/pod-identity-webhook:1.0.0');
  if (!(limitMs > 0)) throw new Error(`TIMEOUT is ${timeout}: it must be a number of seconds above 0`);
  const cluster = await requireCluster();
  const installation = render(process.env.APP);
  say(`applying ${folder} to ${cluster}`);
  say((await kubectl('apply', '-f', folder)).trimEnd());
  await untilReady(installation);
  sayWhatIsNext(installation);
}

async function untilReady(installation: Installation): Promise<void> {
  const begun = Date.now();
  const seconds = () => `${((Date.now() - begun) / 1000).toFixed(1)} s`;
  for (let said = ''; ; await pause(500)) {
    if (installation.flag('csrSigner')) await approve(installation);
    const { isReady, line, obstacle } = await readProgress(installation);
    if (line !== said) say(`${seconds()}: ${line}`);
    said = line;
    if (isReady) return;
    if (obstacle) throw new Error(`the image cannot be had: ${obstacle}\nIMAGE is ${installation.image}`);
    if (Date.now() - begun > limitMs) {
      throw new Error(`not ready within ${timeout} s (TIMEOUT): ${line}\n${await readEvidence(installation)}`);
    }
  }
}

async function approve(installation: Installation): Promise<void> {
  for (const name of namesToApprove(await list<SigningRequest>('certificatesigningrequests'), installation)) {
    say((await kubectl('certificate', 'approve', name)).trimEnd());
  }
}

async function readProgress({ name, namespace, labels }: Installation): Promise<Progress> {
  const deployment = await kubectl('get', 'deployment', name, `--namespace=${namespace}`, '-o', 'json');
  const pods = await list<RollingPod>('pods', `--namespace=${namespace}`, `--selector=${labels}`);
  return judgeRollout(JSON.parse(deployment) as RollingDeployment, pods);
}

/** What the cluster and the webhook say of it; a part that cannot be had says why. */
async function readEvidence({ namespace, labels }: Installation): Promise<string> {
  const within = `--namespace=${namespace}`;
  const sections = [
    [
      'events',
      'get',
      'events',
      within,
      '--field-selector=type=Warning',
      '-o',
      'custom-columns=:.message',
      '--no-headers',
    ],
    ['log', 'logs', within, `--selector=${labels}`, '--prefix', '--tail=10'],
  ].map(async ([title, ...args]) => {
    const text = await kubectl(...args).catch((fault: Error) => fault.message);
    return `--- ${title}\n${[...new Set(text.trim().split('\n'))].slice(-20).join('\n')}`;
  });
  return (await Promise.all(sections)).join('\n');
}

function sayWhatIsNext({ flag }: Installation): void {
  say(`
The webhook is ready. Next, name a role on a service account; pods of it that are created from now on get it:
  kubectl annotate serviceaccount <name> ${flag('annotationPrefix')}/role-arn=arn:aws:iam::111122223333:role/<role>
make cluster-down removes the webhook again.`);
}

process.chdir(dirname(import.meta.dirname));
try {
  await up();
} catch (fault) {
  process.stderr.write(`make cluster-up: ${fault instanceof Error ? fault.message : fault}\n`);
  process.exitCode = 1;
}
