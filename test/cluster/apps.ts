/** Test cluster: cdk8s apps as users write them with our constructs: `VARIANT=<name> node test/cluster/apps.ts`. */
import { App, Duration } from 'cdk8s';
import { Certificates, PodIdentityWebhookChart, type PodIdentityWebhookProps } from '../../charts/index.ts';

const { IMAGE: image = '', VARIANT: variant = '', CA_BUNDLE: caBundle = '' } = process.env;
const shortest = Duration.minutes(1);

const variants: Readonly<Record<string, Partial<PodIdentityWebhookProps>>> = {
  // the shortest lifetimes that there are: both are renewed when two thirds are over
  rotating: { certificates: Certificates.ownCa({ caDuration: shortest, leafDuration: shortest }) },
  'signing-request': { certificates: Certificates.signingRequest({ signer: 'suite.example.com/serving' }) },
  secret: { certificates: Certificates.secret({ name: 'made-elsewhere', caBundle }) },
  'no-image': { image: 'localhost/none:1', imagePullPolicy: 'Never' },
};

const props = variants[variant];
if (!props) throw new Error(`VARIANT is ${variant}: it must be one of ${Object.keys(variants)}`);
const app = new App();
new PodIdentityWebhookChart(app, 'pod-identity-webhook', { image, ...props });
app.synth();
