/** Fault suites: the wire between the webhook and its API server, which can be cut, and can go deaf. Reads nothing of what passes. */
import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { breakOff } from '../support/broken-connection.ts';

/** A port of loopback behind which the API server is. */
export class Wire {
  readonly #target: number;
  readonly #server = net.createServer((near) => this.#connect(near));
  readonly #sockets = new Set<Socket>();
  #isDeaf = false;
  #port = 0;

  private constructor(target: number) {
    this.#target = target;
  }

  /** Lays a wire to that URL for the length of one test. */
  static async lay(t: TestContext, target: string): Promise<Wire> {
    const wire = new Wire(Number(new URL(target).port));
    await wire.mend();
    t.after(() => wire.cut());
    return wire;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Resets every connection, and lets new ones be refused. */
  cut(): void {
    this.#server.close();
    for (const socket of this.#sockets) breakOff(socket);
  }

  /** Resets every connection; new ones are accepted, and nothing comes back from them, ever. */
  async muffle(): Promise<void> {
    this.cut();
    await this.mend();
    this.#isDeaf = true;
  }

  /** Lets nothing more pass on connections that are open, and leaves them open; new ones work. */
  deafen(): void {
    for (const socket of this.#sockets) socket.unpipe().pause();
  }

  /** Lets new connections through. */
  async mend(): Promise<void> {
    this.#isDeaf = false;
    if (this.#server.listening) return;
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  #connect(near: Socket): void {
    this.#keep(near);
    if (this.#isDeaf) return;
    const far = net.connect(this.#target, '127.0.0.1');
    this.#keep(far);
    near.on('error', () => far.destroy()).pipe(far);
    far.on('error', () => breakOff(near)).pipe(near);
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
  }
}
