/** Synth: the app with its one chart. `cdk8s synth` runs it; IMAGE in the environment names the webhook's image. */
import { App } from 'cdk8s';
import { PodIdentityWebhookChart } from './charts/index.ts';
import manifest from './package.json' with { type: 'json' };

const app = new App();
new PodIdentityWebhookChart(app, manifest.name, {
  image: process.env.IMAGE || `${manifest.name}:${manifest.version}`,
});
app.synth();
