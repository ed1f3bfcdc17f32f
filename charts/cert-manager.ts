/** Charts: the objects by which cert-manager makes the serving certificate. */
import { Construct } from 'constructs';
import { formatDuration, milliseconds } from '../contract/duration.ts';
import { Certificate, type CertificateSpecIssuerRef, Issuer } from '../imports/cert-manager.io.ts';
import type { CertManagerOptions } from './certificates.ts';
import { metadata, type Settings } from './settings.ts';

const privateKey = { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always' };
const defaultDuration = milliseconds(2160 * 3_600_000);
/** The most characters that X.509 has for it; cert-manager refuses more. */
const maxCommonName = 64;
/** Ten years: the injector replaces a CA all at once, so it should seldom change. */
const caDuration = milliseconds(87_600 * 3_600_000);

/**
 * The serving certificate, and its issuer where none is given. That issuer is a CA of its own: certificates that sign
 * themselves would each have to reach the registration before a pod may serve them.
 */
export class CertManagerCertificate extends Construct {
  readonly certificate: Certificate;
  /** The issuer that was made, if one was: its root, the root's certificate, and the CA. */
  readonly issuer: { readonly root: Issuer; readonly certificate: Certificate; readonly ca: Issuer } | undefined;

  constructor(scope: Construct, id: string, settings: Settings & { readonly options: CertManagerOptions }) {
    super(scope, id);
    const { options, config } = settings;
    this.issuer = options.issuer ? undefined : createIssuer(this, settings);
    this.certificate = new Certificate(this, 'certificate', {
      metadata: metadata(settings),
      spec: {
        secretName: certManagerSecret(settings),
        issuerRef: options.issuer ?? reference(`${config.serviceName}-ca`),
        ...subjectNames(settings),
        duration: formatDuration(options.duration ?? defaultDuration),
        usages: ['digital signature', 'server auth'],
        privateKey,
      },
    });
  }
}

function createIssuer(scope: Construct, settings: Settings) {
  const [rootName, caName] = ['root', 'ca'].map((suffix) => `${settings.config.serviceName}-${suffix}`) as [
    string,
    string,
  ];
  const root = new Issuer(scope, 'root', { metadata: metadata(settings, rootName), spec: { selfSigned: {} } });
  const certificate = new Certificate(scope, 'ca-certificate', {
    metadata: metadata(settings, caName),
    spec: {
      secretName: caName,
      issuerRef: reference(rootName),
      isCa: true,
      commonName: caName.slice(0, maxCommonName),
      duration: formatDuration(caDuration),
      privateKey,
    },
  });
  const ca = new Issuer(scope, 'ca', { metadata: metadata(settings, caName), spec: { ca: { secretName: caName } } });
  return { root, certificate, ca };
}

function reference(name: string): CertificateSpecIssuerRef {
  return { name, kind: 'Issuer' };
}

/**
 * Returns the name of cert-manager's Secret. Not that of the webhook's own: on the way from one to the other, cert-manager
 * would make it again as soon as it is deleted.
 */
export function certManagerSecret({ props, config }: Settings): string {
  return props.tlsSecret ?? `${config.serviceName}-tls`;
}

/** Returns the names by which the API server may know the webhook: the Service's, and the host of a URL. */
function subjectNames({ props, config }: Settings) {
  const service = `${config.serviceName}.${config.namespace}.svc`;
  const dnsNames = [service, `${service}.cluster.local`];
  if (!props.url) return { dnsNames };
  const { hostname } = new URL(props.url);
  // URL writes every IPv4 address in four decimal parts, and IPv6 addresses in brackets
  const isAddress = /^[\d.]+$|^\[/.test(hostname);
  return isAddress
    ? { dnsNames, ipAddresses: [hostname.replace(/[[\]]/g, '')] }
    : { dnsNames: [...dnsNames, hostname] };
}
