/** Test cluster: the command line. Reads the process's arguments and environment, decides nothing. */
import { buildPrograms, controlPlanePrograms, nodePrograms } from './build.ts';
import { ownsCluster, removeCluster, startCluster } from './cluster.ts';
import { loadImage } from './images.ts';
import { readFolders } from './layout.ts';
import { tryFindObstacle } from './packages.ts';

const usage = `usage: node test/cluster/main.ts <command>

  up [--control-plane]   start a cluster, print its kubeconfig; --control-plane: without a node, so no pods run
  down                   end it and remove what it left
  build                  only compile the programs
  load-image IMAGE       put an image onto the node: NAME:TAG of buildah's store, or a file that ends in .tar

  CLUSTER_DIR            where a running cluster's files are (now ${readFolders(process.env).state})
  APISERVER_ARGS         arguments for kube-apiserver, separated by spaces
`;

const folders = readFolders(process.env);
const path = process.env.PATH;
const say = (line: string) => void process.stderr.write(`${line}\n`);

async function up(node: boolean): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void stopHalfway().finally(() => process.exit(130)));
  }
  const apiServerArgs = (process.env.APISERVER_ARGS ?? '').split(' ').filter(Boolean);
  const cluster = await startCluster({ folders, node, apiServerArgs, keep: true, path, say });
  process.stdout.write(`${cluster.kubeconfig}\n`);
}

/** Not what another process started: that one is no business of an interrupted `up`. */
async function stopHalfway(): Promise<void> {
  if (ownsCluster(folders.state)) await removeCluster(folders.state);
}

async function perform(command: string | undefined, argument: string | undefined): Promise<void> {
  if (command === 'up') return up(argument !== '--control-plane');
  if (command === 'down') return removeCluster(folders.state);
  if (command === 'build') return buildPrograms(folders.programs, [...controlPlanePrograms, ...nodePrograms], say);
  if (command !== 'load-image' || argument === undefined) throw new Error(usage);
  return loadImage(folders.state, argument);
}

const obstacle = tryFindObstacle({ platform: process.platform, userId: process.getuid?.(), path });
const [, , command, argument] = process.argv;
try {
  if (obstacle && command) throw new Error(obstacle);
  await perform(command, argument);
} catch (fault) {
  say(fault instanceof Error ? fault.message : String(fault));
  process.exitCode = 1;
}
