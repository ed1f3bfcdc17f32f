/** Behaviour: which identity a pod has, and what annotations say. */
import type { BehaviourSection } from './row.ts';

export const identities: BehaviourSection = {
  title: 'Which identity a pod has',
  rows: [
    {
      id: 'account-of-the-pod',
      since: '2019',
      what: "The pod's service account is `spec.serviceAccountName`, `default` where it names none; its namespace is the request's, never that of its metadata.",
      tests: [
        'cases: missing-account-name-means-default',
        'server/core/review: the namespace is that of the request, never that of the metadata',
      ],
    },
    {
      id: 'source-container-credentials',
      since: 'today',
      what: 'A service account that the file of `--watch-container-credentials-config` names gets container credentials, whatever else is said of it: `{"identities":[{"namespace":"n","serviceAccount":"s"}]}`.',
      tests: [
        'cases: container-credentials-win-over-annotation-and-config-map',
        'server/core/container-credentials: reads the service accounts that the file names, and passes over fields that it does not know',
        'server/io/credentials-file: adds that the file names the account, and leaves the facts of others as they are',
      ],
    },
    {
      id: 'source-container-credentials-followed',
      since: 'today',
      what: 'That file is followed through edits, renames and the `..data` link of a mounted ConfigMap. Empty, it names nobody; missing, truncated or broken, what it said last counts, and that is reported.',
      tests: [
        'server/io/credentials-file: follows edits; an empty file names nobody once it has stayed empty for two seconds',
        'server/io/credentials-file: a file that is missing at the start is reported, makes nothing unready, and is taken in when it comes',
        'server/io/credentials-file: keeps what the file said last while it is truncated, and takes in what is written then',
        'server/io/credentials-file: follows a file that is replaced by rename, and keeps what one said that is removed',
        'server/io/credentials-file: follows a mounted ConfigMap through its ..data link, in folders that it may not write to',
        'server/io/credentials-file: a bad entry keeps what the file said last; in the first file the others count',
      ],
    },
    {
      id: 'source-annotations',
      since: '2019',
      what: "Else the service account's annotations count.",
      tests: [
        'cases: annotated-account-gives-variables-mount-and-volume',
        'cases: annotation-wins-over-config-map',
        'cluster/webhook: a pod made with kubectl gets role, token and region-free environment',
        'cluster/webhook: a role that is changed, removed, or made anew with the account is followed',
      ],
    },
    {
      id: 'source-config-map',
      since: 'today',
      what: 'Else, with `--watch-config-map`, the ConfigMap `pod-identity-webhook` in `--namespace`: its key `config` holds JSON as kOps writes it, `{"ns/sa": {"RoleARN": "…", "Audience": "…", "UseRegionalSTS": true, "TokenExpiration": 3600}}`. `*/sa` is that account in any namespace.',
      tests: [
        "server/core/config-map: reads kOps' format",
        'cases: config-map-gives-an-identity',
        'cases: config-map-gives-an-identity-to-a-missing-account',
        'server/io/kube/open: follows the ConfigMap in the namespace as well where it is asked for',
      ],
    },
    {
      id: 'source-config-map-globs',
      since: 'ours',
      what: '`*` and `?` in both halves of a key; the most specific key wins.',
      tests: [
        'server/core/config-map: matches globs as a naive matcher does',
        'server/core/config-map: chooses for team-a/reader among …: …',
      ],
    },
    {
      id: 'source-config-map-followed',
      since: 'today',
      what: 'The ConfigMap is followed; with it go its identities. Content that is no JSON object keeps what was said last; a key without `/`, or a value of a wrong type, is reported and ignored, and the rest counts.',
      tests: [
        'server/io/kube/config-map: follows edits, and forgets the identities of a ConfigMap that is deleted',
        'server/io/kube/config-map: is ready when there is no ConfigMap, and takes it in when it comes',
        'server/io/kube/config-map: keeps what the ConfigMap said last when its content …, and reports it once',
        'server/io/kube/config-map: reports each bad key, entry and field once for as long as it is there, and uses the rest',
        'server/core/config-map: reports and ignores the key …, and keeps the others',
        'server/core/config-map: reports and ignores fields of a wrong type or an unknown name, and keeps the others',
        'server/core/config-map: reports … as no JSON object',
      ],
    },
    {
      id: 'source-none',
      since: '2019',
      what: 'Else the pod is admitted unchanged.',
      tests: [
        'cases: account-without-role-changes-nothing',
        'cases: role-arn-empty-counts-as-none',
        'cluster/webhook: a pod of an account without a role stays as it is',
      ],
    },
    {
      id: 'annotation-prefix',
      since: '2019',
      what: 'Annotations begin with `--annotation-prefix` and a slash.',
      tests: [
        'cases: annotation-prefix-of-the-flag-is-read',
        "server/core/names: with a prefix of one's own the default one is another program's",
      ],
    },
    {
      id: 'annotation-role-arn',
      since: '2019',
      what: '`role-arn` on the service account: the role. One that is no ARN of an IAM role is injected as written, with a warning that names the account: STS of other clouds takes it.',
      tests: [
        'cases: role-arn-malformed-is-injected-as-written-and-warned',
        'cases: role-arn-of-another-partition-with-a-path-is-an-arn',
        'cases: role-without-arn-is-injected-as-written-unless-composed',
      ],
    },
    {
      id: 'annotation-audience',
      since: '2019',
      what: "`audience` on the service account: the token's audience, instead of `--token-audience`.",
      tests: ['cases: audience-of-the-account-wins-over-flag'],
    },
    {
      id: 'annotation-sts-regional-endpoints',
      since: 'today',
      what: '`sts-regional-endpoints` on the service account: `true` or `false`, instead of `--sts-regional-endpoint`. Anything else is ignored, with a warning.',
      tests: [
        'cases: sts-regional-by-annotation',
        'cases: sts-annotation-false-overrides-flag',
        'cases: sts-annotation-of-another-word-is-ignored-and-warned',
      ],
    },
    {
      id: 'annotation-token-expiration',
      since: 'today',
      what: "`token-expiration` on service account and pod, in seconds; the pod's wins. Below 600 it is raised, above 86400 lowered, each with a warning; what is no whole number is ignored, with a warning.",
      tests: [
        'cases: expiration-of-the-account',
        'cases: expiration-of-the-pod-wins-over-account',
        'cases: expiration-at-the-limits-is-kept',
        'cases: expiration-below-600-is-raised-and-warned',
        'cases: expiration-negative-is-raised-and-warned',
        'cases: expiration-above-a-day-is-lowered-and-warned',
        'cases: expiration-no-integer-is-ignored-and-warned',
        'cases: config-map-lifetime-out-of-range-is-raised-and-warned',
      ],
    },
    {
      id: 'annotation-skip-containers',
      since: 'today',
      what: '`skip-containers` on the pod: one CSV record of names of containers and init containers. A name that the pod does not have gets a warning, and so does a record that is none, which is ignored.',
      tests: [
        'cases: skip-list-with-quotes-and-blanks',
        'cases: skip-list-with-an-unknown-name-is-warned',
        'cases: skip-list-with-an-open-quote-is-ignored-and-warned',
        'cases: skip-list-of-all-containers-changes-nothing',
        'server/core/csv: fields quoted as RFC 4180 says come back as they were',
      ],
    },
    {
      id: 'annotation-skip-containers-account',
      since: 'ours',
      what: '`skip-containers` on the service account adds to that of the pod.',
      tests: ['cases: skip-list-of-the-account-adds-to-the-pods'],
    },
    {
      id: 'annotation-include-containers',
      since: 'ours',
      what: '`include-containers` on pod and service account: only these, less those that are skipped.',
      tests: ['cases: include-list-of-the-pod', 'cases: include-list-of-the-account-minus-skipped'],
    },
    {
      id: 'skip-label',
      since: 'today',
      what: 'The label `eks.amazonaws.com/skip-pod-identity-webhook` on a pod, whatever its value, excludes it: by the registration, and by the server as well.',
      tests: [
        'cases: skip-label-of-any-value-changes-nothing',
        'charts/registration: pods with the skip label and mirrors of static pods are never asked about, whatever else is chosen',
      ],
    },
    {
      id: 'mirror-pods',
      since: 'ours',
      what: 'The mirror of a static pod is left alone: the API server lets it have no token.',
      tests: ['cases: mirror-of-a-static-pod-changes-nothing'],
    },
    {
      id: 'near-misses',
      since: 'ours',
      what: 'A key that is nearly one of these, or that is on the pod though it is read from service accounts only, gets a warning.',
      tests: [
        'cases: near-miss-keys-are-warned',
        'cases: role-arn-on-the-pod-is-warned',
        'server/core/names: … is nearly …',
        'server/core/names: … is none of its business',
      ],
    },
    {
      id: 'compose-role-arn',
      since: 'today',
      what: 'With `--compose-role-arn`, `role-arn` may hold path and name alone: partition and account are those of this EC2 instance, by instance metadata v2 at the address that `AWS_EC2_METADATA_SERVICE_ENDPOINT` may change, in every AWS partition.',
      tests: [
        'cases: role-is-composed-of-prefix-path-and-name',
        'cases: role-of-the-config-map-is-composed-too',
        'cases: role-that-is-an-arn-is-not-composed',
        'server/core/role-arn: composes the ARN of a role in …',
        'server/io/instance-identity: asks for a token first and sends it: a service that refuses version 1 answers',
        'server/io/instance-identity: region … is in partition …, where the service does not tell it',
      ],
    },
    {
      id: 'compose-role-arn-without-metadata',
      since: 'ours',
      what: '`--role-arn-account-id`, `--role-arn-partition` and `--role-arn-path` say the same without instance metadata.',
      tests: ['server/io/role-home: needs no metadata when the account id is given by flag'],
    },
    {
      id: 'compose-role-arn-unavailable',
      since: 'ours',
      what: 'While instance metadata is absent or slow, the webhook says so, is not ready, and asks again; a pod that has to be admitted all the same gets a warning.',
      tests: [
        'server/io/role-home: asks again until there is an answer, reports the same reason once, and is not ready meanwhile',
        'server/io/instance-identity: says so when the service is absent',
        'server/io/instance-identity: gives a slow service up after two seconds',
        'cases: role-that-cannot-be-composed-yet-changes-nothing-and-is-warned',
      ],
    },
  ],
};
