/** A cluster's webhook and an app whose pods have roles: what a cdk8s project does with the package. */
import { ApiObject, App, Chart, JsonPatch } from 'cdk8s';
import { ConfigMap, Deployment, Env, Namespace, ServiceAccount } from 'cdk8s-plus-27';
import { IamServiceAccount, PodIdentity, PodIdentityWebhook } from 'pod-identity-webhook';

const app = new App();

const platform = new Chart(app, 'platform');
const namespace = new Namespace(platform, 'namespace', { metadata: { name: 'pod-identity' } });
const webhook = new PodIdentityWebhook(platform, 'webhook', {
  image: 'registry.example.com/pod-identity-webhook:0.1.0',
  namespace: namespace.name,
  awsDefaultRegion: 'eu-central-1',
  stsRegionalEndpoint: true,
  // for service accounts that nobody here can annotate; they become a ConfigMap
  identities: [
    { namespace: 'monitoring', serviceAccount: 'prometheus-*', roleArn: 'arn:aws:iam::111122223333:role/metrics' },
  ],
});
webhook.node.addDependency(namespace);
// what no prop says
ApiObject.of(webhook.deployment).addJsonPatch(JsonPatch.add('/spec/revisionHistoryLimit', 3));

const shop = new Chart(app, 'shop', { namespace: 'shop' });
// pods that are created before the webhook get no credentials
shop.addDependency(platform);
const settings = new ConfigMap(shop, 'settings', { data: { BUCKET: 'reports' } });
new Deployment(shop, 'reports', {
  // the pods run as a service account with a role, and get its credentials
  serviceAccount: new IamServiceAccount(shop, 'reader', {
    roleArn: 'arn:aws:iam::111122223333:role/s3-reader',
    tokenExpiration: 3600,
    region: 'us-west-2',
  }),
  containers: [{ image: 'registry.example.com/reports:1.0.0', envFrom: [Env.fromConfigMap(settings)] }],
});

// one that there is already
const worker = new ServiceAccount(shop, 'worker');
PodIdentity.of(worker).annotate({ roleArn: 'arn:aws:iam::111122223333:role/queue-worker' });

app.synth();
