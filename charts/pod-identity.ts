/** Charts: a service account's annotations from typed props. What they mean is server/core's. */
import { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import type { AnnotationName } from '../contract/annotations.ts';
import { renderFault } from '../contract/flag-fault.ts';
import { flags } from '../contract/flags.ts';
import { bool, type Check, listOf, matching, shape, text, whole } from './checks.ts';

/** What a service account's pods get, by its annotations. */
export interface PodIdentityOptions {
  /**
   * The role, as `arn:aws:iam::111122223333:role/s3-reader`, or only its path and name where the webhook composes the
   * rest. For an STS that is not AWS', write the annotation itself.
   * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
   */
  readonly roleArn: string;
  /**
   * The audience of the token.
   * @default - the webhook's flag `tokenAudience`
   */
  readonly audience?: string;
  /**
   * The lifetime of the token, in seconds, 600 to 86400.
   * @default - the webhook's flag `tokenExpiration`
   */
  readonly tokenExpiration?: number;
  /**
   * The region that containers get as AWS_REGION and AWS_DEFAULT_REGION unless they name one.
   * @default - the webhook's flag `awsDefaultRegion`
   */
  readonly region?: string;
  /**
   * Whether STS is called in the region.
   * @default - the webhook's flag `stsRegionalEndpoint`
   */
  readonly stsRegionalEndpoints?: boolean;
  /**
   * Names of the containers, init containers included, that get nothing.
   * @default - none
   */
  readonly skipContainers?: readonly string[];
  /**
   * Names of the only containers that get something.
   * @default - all
   */
  readonly includeContainers?: readonly string[];
  /**
   * The webhook's flag of that name.
   * @default "eks.amazonaws.com"
   */
  readonly annotationPrefix?: string;
}

/** The path and name of a role; the name is of 1 to 64 characters, https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html */
const role = matching(
  /^(arn:aws[-a-z]*:iam::\d{12}:role\/|(?!arn:))([\x21-\x7e]*\/)?[\w+=,.@-]{1,64}$/,
  'be arn:aws:iam::<12 digits>:role/<path and name>, or the path and name alone',
);
/** The check of a token's lifetime: what the API server allows, and no more than a day. */
export const tokenLifetime = whole(flags.tokenExpiration.min, flags.tokenExpiration.max, ' of seconds');
const containers = listOf(matching(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'be the name of a container'));

const fields: { readonly [K in keyof Required<PodIdentityOptions>]: Check } = {
  roleArn: role,
  audience: text,
  tokenExpiration: tokenLifetime,
  region: matching(/^[a-z]{2,}(-[a-z]+)+-\d+$/, 'be the name of a region, as us-west-2'),
  stsRegionalEndpoints: bool,
  skipContainers: containers,
  includeContainers: containers,
  annotationPrefix: matching(flags.annotationPrefix.pattern.regex, `be ${flags.annotationPrefix.pattern.rule}`),
};
const checkOptions = shape(fields, 'roleArn');

/** The annotation of each option. */
const names: { readonly [K in keyof Required<Omit<PodIdentityOptions, 'annotationPrefix'>>]: AnnotationName } = {
  roleArn: 'role-arn',
  audience: 'audience',
  tokenExpiration: 'token-expiration',
  region: 'region',
  stsRegionalEndpoints: 'sts-regional-endpoints',
  skipContainers: 'skip-containers',
  includeContainers: 'include-containers',
};
const optionKeys = Object.keys(names) as readonly (keyof typeof names)[];

/** The identity of the pods of a service account that there is already. */
export class PodIdentity {
  readonly #account: ApiObject;
  /** What the user made: faults name it. */
  readonly #construct: IConstruct;

  private constructor(account: ApiObject, construct: IConstruct) {
    this.#account = account;
    this.#construct = construct;
  }

  /**
   * Returns the identity of a service account: of cdk8s-plus, of any version, or an ApiObject.
   * @throws Error when it is another object
   */
  static of(serviceAccount: IConstruct): PodIdentity {
    const account = ApiObject.of(serviceAccount);
    if (account.kind !== 'ServiceAccount') {
      throw new Error(
        `${account.node.path}: must be a ServiceAccount, is a ${account.kind}; annotate its pods' account`,
      );
    }
    return new PodIdentity(account, serviceAccount);
  }

  /** Annotates the service account. Wrong options fail at synth, all at once. */
  annotate(options: PodIdentityOptions): this {
    const faults = checkOptions(options, 'options').map((fault) =>
      renderFault({ ...fault, flag: fault.flag.slice('options.'.length) }),
    );
    this.#construct.node.addValidation({ validate: () => [...faults] });
    if (faults.length > 0) return this;
    for (const [key, value] of Object.entries(annotations(options))) this.#account.metadata.addAnnotation(key, value);
    return this;
  }
}

function annotations(options: PodIdentityOptions): Readonly<Record<string, string>> {
  const { annotationPrefix = flags.annotationPrefix.fallback } = options;
  const given = optionKeys.filter((key) => options[key] !== undefined);
  return Object.fromEntries(given.map((key) => [`${annotationPrefix}/${names[key]}`, String(options[key])]));
}
