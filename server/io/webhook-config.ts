/** IO: the kubeconfig-style file by which an API server reaches this webhook. Serves nothing. */
import type { ServingCertificate } from '../ports.ts';
import { replaceFile } from './written-file.ts';

/**
 * Returns the file's text: the webhook at `localhost`, trusted through the certificate itself.
 * @param port of the webhook on this machine
 * @param cert chain in PEM
 */
export function webhookConfigText(port: number, cert: string): string {
  return `apiVersion: v1
kind: Config
clusters:
- name: webhook
  cluster:
    server: https://localhost:${port}
    certificate-authority-data: ${Buffer.from(cert).toString('base64')}
users:
- name: webhook
  user: {}
contexts:
- name: webhook
  context:
    cluster: webhook
    user: webhook
current-context: webhook
`;
}

/** Where the file goes and what it points at. */
export interface WebhookConfigOptions {
  /** `--webhook-config`. */
  readonly path: string;
  readonly port: number;
}

/**
 * Writes the file for this certificate. Call it before the certificate is served: an API server that reads the file
 * then never trusts less than what it meets.
 * @throws UnwritableFileError when the system refuses
 */
export function writeWebhookConfig({ path, port }: WebhookConfigOptions, certificate: ServingCertificate): void {
  replaceFile({ flag: 'webhook-config', path, text: webhookConfigText(port, certificate.cert) });
}
