/** Behaviour: where the server runs, and where its identities come from. */
import type { BehaviourSection } from './row.ts';

export const modes: BehaviourSection = {
  title: 'Modes',
  rows: [
    {
      id: 'in-cluster',
      since: '2019',
      what: "In a cluster, the default: the API server is reached with the pod's own service account.",
      tests: [
        'server/io/kube/access: uses what the kubelet gives a pod',
        'server/io/kube/access: reads the token again after a refresh',
        'cluster/install: cluster-up on an empty cluster ends with a webhook that gives pods their identity',
      ],
    },
    {
      id: 'out-of-cluster',
      since: '2019',
      what: '`--in-cluster=false`: by `--kubeconfig`, and by `--kube-api`, which replaces its server.',
      tests: [
        'server/io/kube/access: reads server, CA and token of a kubeconfig',
        'server/io/kube/access: lets --kube-api replace the server of the kubeconfig',
        'cluster/webhook: a pod made with kubectl gets role, token and region-free environment',
      ],
    },
    {
      id: 'self-signed-certificate',
      since: '2019',
      what: 'Out of the cluster the certificate is self-signed for `localhost`, RSA 2048, kept in `--cert-dir` as `tls.cert` and `tls.key` of mode 0600, valid for `--cert-duration`, reused while it is valid and renewed before its end without a restart.',
      tests: [
        'server/io/tls/self-signed: is for localhost by name and by address, with an RSA key of 2048 bits',
        'server/io/tls/self-signed-source: makes a pair, keeps it in the folder for its owner alone, and is ready',
        'server/io/tls/self-signed-source: takes the pair up again after a restart',
        'server/io/tls/self-signed-source: renews without a restart when a third of the lifetime is left, and tells the user of it',
      ],
    },
    {
      id: 'webhook-config',
      since: '2019',
      what: '`--webhook-config` gets a kubeconfig for the API server: cluster, user and context `webhook`, server `https://localhost:<port>`, the certificate as CA.',
      tests: [
        'server/io/webhook-config: is a kubeconfig whose cluster, user and context are all named webhook, and that trusts the certificate',
        'server/serve: an API server that trusts the written --webhook-config gets its reviews answered',
      ],
    },
    {
      id: 'given-certificate',
      since: 'today',
      what: '`--tls-cert` and `--tls-key`, where they are given: those, followed for changes.',
      tests: [
        'server/serve: certificate files are waited for, then followed, without a restart',
        'server/io/tls/file-source: takes over a new pair',
        'server/io/tls/file-source: keeps the last good pair while certificate and key are of two generations, and takes the whole one',
      ],
    },
    {
      id: 'no-cluster',
      since: 'ours',
      what: '`--identities-from` takes ServiceAccount and ConfigMap manifests from a YAML or JSON file or folder, followed for changes, and needs no API server.',
      tests: [
        'server/io/manifests: answers from the manifests of a folder, and says missing for others',
        'server/io/manifests: follows edits, new files and removed files',
        'server/serve: identities from manifests alone mean that it runs outside a cluster',
      ],
    },
  ],
};
