/** Core: the values that the stages hand on. Types only. */

/** JSON as received: fields that this program has never heard of are kept as they are. */
export interface JsonObject {
  readonly [field: string]: unknown;
}

export type Annotations = Readonly<Record<string, string>>;

/** The parts of a pod that are read or changed; the rest goes through untouched. */
export interface Pod extends JsonObject {
  readonly metadata?: PodMetadata | null;
  readonly spec: PodSpec;
}

export interface PodMetadata extends JsonObject {
  readonly name?: string;
  readonly generateName?: string;
  readonly annotations?: Annotations | null;
  readonly labels?: Annotations | null;
}

export interface PodSpec extends JsonObject {
  readonly serviceAccountName?: string;
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[] | null;
  readonly volumes?: readonly Volume[] | null;
  readonly nodeSelector?: Annotations | null;
}

export interface Container extends JsonObject {
  readonly name: string;
  readonly env?: readonly EnvVar[] | null;
  readonly volumeMounts?: readonly VolumeMount[] | null;
}

export interface EnvVar extends JsonObject {
  readonly name: string;
  readonly value?: string;
}

export interface VolumeMount extends JsonObject {
  readonly name: string;
  readonly mountPath: string;
}

export interface Volume extends JsonObject {
  readonly name: string;
}

/** The versions of the admission API that are answered. */
export type ApiVersion = 'admission.k8s.io/v1' | 'admission.k8s.io/v1beta1';

/** Names a service account. */
export interface ServiceAccountRef {
  readonly namespace: string;
  readonly name: string;
}

/**
 * How the source came to what it says of a service account:
 * `cached` from the cache; `live` after waiting for the watch or a GET; `missing` the API server has none of that name;
 * `timed-out` the deadline passed first; `unavailable` it could not be asked.
 */
export type LookupOutcome = 'cached' | 'live' | 'missing' | 'timed-out' | 'unavailable';

/** One entry of the ConfigMap of identities, in kOps' format; fields of a wrong type are left out. */
export interface ConfigMapIdentity {
  readonly roleArn?: string;
  readonly audience?: string;
  readonly useRegionalSts?: boolean;
  readonly tokenExpiration?: number;
}

/** What the sources know of one service account, unjudged: precedence is decided in core/identity. */
export interface IdentityFacts {
  readonly outcome: LookupOutcome;
  /** Those of its annotations that are ours or nearly so; empty when there are none. */
  readonly annotations: Annotations;
  /** The ConfigMap's entry for it. */
  readonly configMap?: ConfigMapIdentity;
  /** What comes before its role where that is only a path and a name; absent: not known, or not wanted. */
  readonly roleArnPrefix?: string;
  /** Whether the container credentials file names it. */
  readonly hasContainerCredentials?: boolean;
}

/** A pod, an account or a flag gives a container these; see behaviour.md section 2. */
export type CredentialMethod = 'web-identity' | 'container-credentials';
