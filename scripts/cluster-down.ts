/** `make cluster-down`: removes what cluster-up made and what the webhook made since, the registration first. */
import { dirname } from 'node:path';
import { ownSecretLabel } from '../contract/access.ts';
import { kubectl, list, requireCluster } from './kubectl.ts';
import { folder, type Installation, render } from './manifests.ts';
import { namesOfOurs, type SigningRequest } from './signing-requests.ts';

const gone = ['--ignore-not-found', '--timeout=120s'];

async function remove(...args: readonly string[]): Promise<void> {
  const said = (await kubectl('delete', ...args, ...gone)).trimEnd();
  if (said && said !== 'No resources found') process.stdout.write(`${said}\n`);
}

async function down(): Promise<void> {
  const cluster = await requireCluster();
  const installation = render(process.env.APP);
  process.stdout.write(`removing ${installation.name} from ${cluster}\n`);
  // first: from here on the API server calls nobody, and pods are created without delay while the rest goes
  await remove('mutatingwebhookconfigurations', ...namesOf(installation, 'MutatingWebhookConfiguration'));
  const { name, namespace, labels, mode } = installation;
  await remove('deployment', name, `--namespace=${namespace}`);
  // nobody calls the pods any more, so they need not wait for those who might
  await remove('pods', `--namespace=${namespace}`, `--selector=${labels}`, '--grace-period=1');
  await remove('-f', folder);
  // what the webhook made itself: with files it makes no Secret, and the one that is named is somebody else's
  if (mode !== 'files') await removeOwnSecret(installation);
  const requests = namesOfOurs(await list<SigningRequest>('certificatesigningrequests'), installation);
  if (requests.length > 0) await remove('certificatesigningrequests', ...requests);
}

/** A Secret without the label is not the webhook's: the private key in it may be the only one. */
async function removeOwnSecret({ namespace, flag }: Installation): Promise<void> {
  const [[key, value] = []] = Object.entries(ownSecretLabel);
  const which = [`--selector=${key}=${value}`, `--field-selector=metadata.name=${flag('tlsSecret')}`];
  await remove('secret', ...which, `--namespace=${namespace}`);
}

function namesOf({ objects }: Installation, kind: string): readonly string[] {
  return objects.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name);
}

process.chdir(dirname(import.meta.dirname));
try {
  await down();
} catch (fault) {
  process.stderr.write(`make cluster-down: ${fault instanceof Error ? fault.message : fault}\n`);
  process.exitCode = 1;
}
