/** Behaviour: what is added to a pod, and what is not. */
import type { BehaviourSection } from './row.ts';

export const pods: BehaviourSection = {
  title: 'What is added to a pod',
  rows: [
    {
      id: 'every-container',
      since: '2019',
      what: 'Every container and init container that is not skipped gets, at the end of `env`, what it does not define itself. Ephemeral containers are left alone.',
      tests: [
        'cases: init-containers-and-sidecars-are-equipped',
        'cases: ephemeral-containers-are-left-alone',
        'cases: null-lists-are-filled',
        'server/core/mutation.property: every container that lacks credentials and is not skipped gets all of them',
      ],
    },
    {
      id: 'env-sts-regional-endpoints',
      since: 'today',
      what: '`AWS_STS_REGIONAL_ENDPOINTS=regional`, where regional STS is on for the service account.',
      tests: ['cases: sts-regional-by-flag', 'cases: sts-variable-of-the-container-stays'],
    },
    {
      id: 'env-region',
      since: 'today',
      what: '`AWS_DEFAULT_REGION` and `AWS_REGION` from `--aws-default-region`, where a container defines neither.',
      tests: ['cases: region-by-flag-where-a-container-names-none'],
    },
    {
      id: 'env-region-annotation',
      since: 'ours',
      what: "The annotation `region` on service account or pod wins over the flag; the pod's over the account's.",
      tests: ['cases: region-of-the-account-wins-over-flag', 'cases: region-of-the-pod-wins-over-account'],
    },
    {
      id: 'env-role',
      since: '2019',
      what: '`AWS_ROLE_ARN`, which the SDKs read, and `AWS_IAM_ROLE_ARN`, its name in 2019: both hold the role.',
      tests: [
        'cases: annotated-account-gives-variables-mount-and-volume',
        'cases: own-role-variable-of-2019-is-kept',
        'cluster/webhook: a pod made with kubectl gets role, token and region-free environment',
      ],
    },
    {
      id: 'env-token-file',
      since: '2019',
      what: '`AWS_WEB_IDENTITY_TOKEN_FILE`: the mount path and `/token`.',
      tests: ['cases: annotated-account-gives-variables-mount-and-volume'],
    },
    {
      id: 'env-own-credentials',
      since: 'ours',
      what: 'A container that defines `AWS_ROLE_ARN` or `AWS_WEB_IDENTITY_TOKEN_FILE` itself gets none of the web identity variables, and the pod a warning.',
      tests: [
        'cases: own-role-arn-is-left-alone-and-warned',
        'cases: own-token-file-is-left-alone-and-warned',
        'cases: own-variable-without-a-value-counts-as-own',
      ],
    },
    {
      id: 'env-container-credentials',
      since: 'today',
      what: 'With container credentials `AWS_CONTAINER_CREDENTIALS_FULL_URI` and `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE` instead; a container that defines one of them gets neither.',
      tests: [
        'cases: container-credentials-give-variables-mount-volume-and-label',
        'cases: container-that-defines-a-container-credentials-variable-gets-neither',
      ],
    },
    {
      id: 'container-credentials-label',
      since: 'today',
      what: 'Container credentials label the pod `eks.amazonaws.com/pod-identity: enabled`, unless it has that label.',
      tests: [
        'cases: container-credentials-label-beside-other-labels',
        'cases: container-credentials-leave-another-value-of-the-label',
        'cases: container-credentials-of-a-pod-without-metadata',
      ],
    },
    {
      id: 'volume',
      since: '2019',
      what: 'A projected volume with one service account token (audience, lifetime, path), mounted read-only. `aws-token` at `/var/run/secrets/eks.amazonaws.com/serviceaccount`, path `token`, audience `sts.amazonaws.com`, 86400 seconds.',
      tests: [
        'cases: annotated-account-gives-variables-mount-and-volume',
        'cases: flags-set-audience-path-name-and-lifetime',
        "cluster/webhook: the token that a pod asks for passes a verifier that knows only the issuer's keys",
        'cluster/install: a container that is not root reads a token that STS would take',
      ],
    },
    {
      id: 'volume-name',
      since: 'ours',
      what: "`--token-volume-name` names the volume; the Go webhook's name since 2019 is `aws-iam-token`, and the construct's prop `compatibility: 'eks'` sets it.",
      tests: [
        'cases: flags-set-audience-path-name-and-lifetime',
        "charts/compatibility: 'eks' has the names that managed EKS and the Go webhook's own manifests have",
      ],
    },
    {
      id: 'volume-container-credentials',
      since: 'today',
      what: 'For container credentials: `eks-pod-identity-token` at `/var/run/secrets/pods.eks.amazonaws.com/serviceaccount`, path `eks-pod-identity-token`, audience `pods.eks.amazonaws.com`, URI `http://169.254.170.23/v1/credentials`, 86400 seconds; each has a flag.',
      tests: [
        'cases: container-credentials-give-variables-mount-volume-and-label',
        'cases: container-credentials-by-flags',
        'cases: container-credentials-take-the-lifetime-of-the-pod-and-the-endpoints-of-the-account',
      ],
    },
    {
      id: 'spread-container-credentials',
      since: 'today',
      what: 'A lifetime of exactly the default is drawn at random from 79200 to 86400 seconds for container credentials.',
      tests: [
        'cases: container-credentials-spread-the-default-lifetime-over-its-last-twelfth',
        'cases: container-credentials-keep-a-lifetime-that-is-not-the-default',
      ],
    },
    {
      id: 'spread-web-identity',
      since: 'ours',
      what: '`--token-expiration-spread` does the same for web identity, so that pods started together do not call STS together.',
      tests: [
        'cases: expiration-is-spread-by-flag',
        'cases: expiration-is-spread-over-the-last-twelfth-of-a-day',
        'cases: expiration-of-an-annotation-is-never-spread',
      ],
    },
    {
      id: 'windows',
      since: 'today',
      what: 'Where the node selector `kubernetes.io/os` or `beta.kubernetes.io/os` says Windows, token files are named `C:\\var\\run\\…` with backslashes. Mount paths stay as they are.',
      tests: [
        'cases: windows-by-node-selector',
        'cases: windows-by-beta-node-selector',
        'cases: windows-mount-on-a-drive-is-used',
        'cases: container-credentials-on-windows',
      ],
    },
    {
      id: 'windows-by-other-signs',
      since: 'ours',
      what: '`spec.os.name` and required node affinity tell it as well.',
      tests: [
        'cases: windows-by-os-name',
        'cases: windows-by-required-affinity',
        'cases: affinity-to-either-system-is-not-windows',
        'server/core/plan: required affinity to … makes a Windows pod',
        'server/core/plan: preferred affinity makes no Windows pod',
      ],
    },
    {
      id: 'only-additions',
      since: 'ours',
      what: 'The patch only adds. Fields that this program has never heard of survive; no list or object that exists is replaced.',
      tests: [
        'cases: unknown-fields-survive',
        'server/core/mutation.property: a patched pod keeps every field and value, and its lists what they began with',
        'server/core/mutation.property: the patch is the least that makes the difference: what fast-json-patch finds between both pods',
        'cluster/webhook: every field of a modern pod is there after mutation',
        'cluster/webhook: a field that the API server does not know does not trouble the rest',
      ],
    },
    {
      id: 'second-pass',
      since: 'today',
      what: 'A second pass over a mutated pod changes nothing, nor does a pass over a pod that the readme of 2019 or the Go webhook has mutated.',
      tests: [
        'server/core/mutation.property: a second pass gives no patch',
        'cases: pod-of-2019-stays-as-it-is',
        'cases: pod-of-the-go-webhook-stays-as-it-is',
        'cases: container-credentials-of-the-go-webhook-stay-as-they-are',
        'cluster/webhook: a pod made from a mutated one stays as it is',
      ],
    },
    {
      id: 'existing-volumes',
      since: 'ours',
      what: 'A token volume that the pod has is known by its audience and path, not by its name.',
      tests: [
        'cases: token-volume-of-another-name-is-used',
        'cases: token-of-another-audience-is-not-ours',
        'cases: token-beside-another-in-one-volume-is-used',
        'cases: token-mounted-elsewhere-is-read-there',
        'cases: service-account-token-of-kubernetes-is-not-ours',
        'cases: container-injected-later-shares-the-token-volume',
      ],
    },
    {
      id: 'foreign-volume',
      since: 'ours',
      what: 'A volume of another kind that has our name makes ours take a free one, with a warning.',
      tests: ['cases: foreign-volume-of-our-name-leads-to-a-free-name'],
    },
    {
      id: 'foreign-mount',
      since: 'ours',
      what: 'A mount of something else at our path leads to a free path, a mount of another token to that token, each with a warning; never to a refused pod, or to a variable that points at nothing.',
      tests: [
        'cases: foreign-mount-at-our-path-leads-to-a-free-path',
        'cases: foreign-mount-below-our-path-leads-to-a-free-path',
        'cases: another-token-at-our-path-is-used-and-warned',
        'cases: part-of-the-token-volume-at-our-path-is-not-relied-on',
        'server/core/mutation.property: a token file that is added lies in a mount of a volume that projects this token',
        'server/core/mutation.property: names of volumes and mount paths of a container stay unique',
      ],
    },
  ],
};
