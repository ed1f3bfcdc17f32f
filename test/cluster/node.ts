/** Test cluster: the one node: scheduler, kube-proxy, containerd and kubelet. Pulls no images. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCgroups } from './cgroups.ts';
import { ctrArgs, loadProgram } from './images.ts';
import { addresses, names } from './layout.ts';
import { run, type Started, startInside, waitFor } from './processes.ts';

/** Folders that every containerd and kubelet of a machine would share: here they are the cluster's own. */
const privateFolders = ['/run/netns', '/var/lib/cni', '/var/log/containers'];

/** Where the node's files and programs are. */
export interface NodeOptions {
  readonly state: string;
  readonly programs: string;
}

/** Starts the node and waits until it is ready. */
export async function startNode(options: NodeOptions): Promise<void> {
  const { state, programs } = options;
  await createCgroups();
  startInside(state, 'kube-scheduler', [
    join(programs, 'kube-scheduler'),
    '--kubeconfig=pki/scheduler.conf',
    '--leader-elect=false',
    '--cert-dir=pki',
  ]);
  startInside(state, 'kube-proxy', [join(programs, 'kube-proxy'), ...proxyFlags]);
  const containerd = await startContainerd(state);
  await loadProgram(state, { image: names.pauseImage, program: join(programs, 'pause') });
  await startKubelet(options, containerd);
}

const proxyFlags = [
  '--kubeconfig=pki/proxy.conf',
  `--hostname-override=${names.node}`,
  `--cluster-cidr=${addresses.pods}`,
  '--proxy-mode=iptables',
  '--conntrack-max-per-core=0',
  '--conntrack-min=0',
];

/**
 * Starts containerd in a mount namespace of its own. What it and the kubelet mount, and the network namespaces of pods,
 * are seen nowhere else and end with their last process, however that ends.
 */
async function startContainerd(state: string): Promise<Started> {
  await mkdir(join(state, 'cni'), { recursive: true });
  await writeFile(join(state, 'cni', '10-bridge.conflist'), JSON.stringify(podNetwork(state)));
  await writeFile(join(state, 'containerd.toml'), containerdConfig(state));
  const hide = privateFolders.map((folder) => `mkdir -p ${folder} && mount -t tmpfs tmpfs ${folder}`);
  const script = [...hide, 'mount --make-rshared /', 'exec containerd --config containerd.toml'].join(' && ');
  const command = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script];
  const process = startInside(state, 'containerd', command);
  const version = () =>
    run('ctr', [...ctrArgs(state), 'version']).then(
      () => true,
      () => false,
    );
  await waitFor('containerd', version, { state, process });
  return process;
}

/** The kubelet shares containerd's mounts: containers see the volumes that it mounts. */
async function startKubelet({ state, programs }: NodeOptions, containerd: Started): Promise<void> {
  const config = join(state, 'kubelet.json');
  await writeFile(config, JSON.stringify(kubeletConfig(state)));
  const command = ['nsenter', `--mount=/proc/${containerd.pid}/ns/mnt`, '--', join(programs, 'kubelet')];
  const process = startInside(state, 'kubelet', [
    ...command,
    `--kubeconfig=${join(state, 'pki', 'kubelet.conf')}`,
    `--config=${config}`,
    `--hostname-override=${names.node}`,
    `--node-ip=${addresses.apiServer}`,
    `--root-dir=${join(state, 'kubelet')}`,
    `--cert-dir=${join(state, 'pki')}`,
    '--node-labels=topology.kubernetes.io/zone=zone-a',
  ]);
  const path = `jsonpath={.status.conditions[?(@.type=="Ready")].status}`;
  const ready = () =>
    run(join(programs, 'kubectl'), [`--kubeconfig=${join(state, 'kubeconfig')}`, 'get', 'node', names.node, '-o', path])
      .then((status) => status === 'True')
      .catch(() => false);
  await waitFor('the node', ready, { state, process });
}

function podNetwork(state: string): object {
  const ranges = [[{ subnet: addresses.pods }]];
  const ipam = { type: 'host-local', dataDir: join(state, 'ipam'), ranges, routes: [{ dst: '0.0.0.0/0' }] };
  const bridge = { type: 'bridge', bridge: 'cni0', isGateway: true, ipMasq: true, hairpinMode: true, ipam };
  const portMap = { type: 'portmap', capabilities: { portMappings: true } };
  return { cniVersion: '0.4.0', name: 'pods', plugins: [bridge, portMap] };
}

/** restrict_oom_score_adj: a container that this runs in may forbid lower scores. */
function containerdConfig(state: string): string {
  return `version = 2
root = "${state}/containerd"
state = "${state}/containerd-run"
[grpc]
  address = "${state}/containerd.sock"
[plugins."io.containerd.internal.v1.opt"]
  path = "${state}/containerd-opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${names.pauseImage}"
  restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "/usr/lib/cni"
  conf_dir = "${state}/cni"
[plugins."io.containerd.grpc.v1.cri".containerd]
  snapshotter = "overlayfs"
`;
}

function kubeletConfig(state: string): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${names.cgroup}`,
    failCgroupV1: false,
    failSwapOn: false,
    containerRuntimeEndpoint: `unix://${state}/containerd.sock`,
    podLogsDir: join(state, 'pod-logs'),
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: 'AlwaysAllow' },
    evictionHard: { 'memory.available': '1Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    imageGCHighThresholdPercent: 100,
    resolvConf: '',
    syncFrequency: '10s',
  };
}
