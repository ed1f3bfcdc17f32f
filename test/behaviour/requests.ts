/** Behaviour: the admission request and its answer. */
import type { BehaviourSection } from './row.ts';

export const requests: BehaviourSection = {
  title: 'The admission request',
  rows: [
    {
      id: 'review',
      since: '2019',
      what: '`POST /mutate` with `application/json`, parameters allowed: an AdmissionReview `admission.k8s.io/v1` or `v1beta1`. `apiVersion`, `kind` and uid are echoed.',
      tests: [
        'server/http/mutate: a review of … is answered in kind, with a patch that adds the role',
        'server/http/body: a charset parameter of the content type is accepted',
        'server/core/review: … is echoed, in faults too',
      ],
    },
    {
      id: 'patch',
      since: '2019',
      what: '`patch` and `patchType` only when something changes.',
      tests: ['server/http/mutate: an answer without changes has neither patch nor patchType'],
    },
    {
      id: 'warnings',
      since: 'ours',
      what: 'Warnings in `v1`: each of at most 120 characters, 4 kB in all.',
      tests: [
        'server/core/reply: warnings have at most 120 characters each and 4096 bytes in all, whatever they say',
        'server/http/mutate: warnings come with v1 and not with v1beta1, which has none',
      ],
    },
    {
      id: 'creations-only',
      since: '2019',
      what: 'Anything but the creation of a pod is allowed without a patch.',
      tests: [
        'server/core/review: … is no creation of a pod',
        'server/pipeline: … is admitted without a patch, because of …',
      ],
    },
    {
      id: 'dry-run',
      since: 'today',
      what: 'A dry run is answered like any other.',
      tests: ['server/pipeline: a dry run is answered like any other, and marked in the log'],
    },
    {
      id: 'bad-content-type',
      since: '2019',
      what: 'Another content type gets 415, in plain text.',
      tests: ['server/http/body: content type … is refused with 415 in plain text'],
    },
    {
      id: 'body-too-large',
      since: 'ours',
      what: 'A body over `--max-request-bytes`, 3 MiB, gets 413, compressed or not.',
      tests: [
        'server/http/body: a body over the limit is refused with 413, whether its length is announced or not',
        'server/http/body: a compressed body that unpacks to more than the limit is refused with 413',
      ],
    },
    {
      id: 'bad-review',
      since: 'ours',
      what: 'What is no JSON or no review, or lacks `request`, `object` or uid, gets 400 and an AdmissionReview that is not allowed and names the field, with the uid where there is one.',
      tests: [
        'server/http/mutate: … is answered with 400 and an AdmissionReview that names the field',
        'server/core/review: … gets 400, and the message says: …',
        'server/core/review: … gets 400 with the uid, and the message says: …',
      ],
    },
    {
      id: 'malformed-pod',
      since: 'ours',
      what: 'A pod whose parts have a wrong type is allowed without a patch, counted and logged: what fails open must not block a cluster.',
      tests: [
        'server/http/mutate: a pod whose parts have the wrong type is admitted unchanged, counted and logged without its content',
        'server/core/review: a pod whose … is of another type is malformed, and the field is named',
        'server/core/hostility.property: a pod with any JSON in place of one of its parts is admitted',
      ],
    },
    {
      id: 'unknown-path',
      since: 'today',
      what: 'An unknown path gets 404, a wrong method 405 with `Allow`.',
      tests: [
        'server/http/routes: an unknown path is answered with 404 that says where pods are reviewed',
        'server/http/routes: … … is answered with 405 and Allow: …',
      ],
    },
    {
      id: 'internal-error',
      since: 'ours',
      what: 'A bug gets 500 with an AdmissionReview, and the next request is served. No stack and no content of a pod is in the reply.',
      tests: [
        'server/http/mutate: an internal error is answered with 500 and an AdmissionReview, without stack or content, and the next request is served',
      ],
    },
    {
      id: 'nothing-told',
      since: 'ours',
      what: "No log line and no error holds a pod's body, values of `env`, or a token.",
      tests: [
        'server/http/mutate: no log line holds a pod body or an env value',
        'server/core/faults: no reply or log field holds a value of env, of a volume or of an annotation that is not ours',
        'server/core/faults: no fault or log field holds a part of a body that could not be read',
      ],
    },
    {
      id: 'patience',
      since: 'ours',
      what: "The API server's patience, `?timeout=` in the URL, is the deadline of the answer.",
      tests: ['server/http/mutate: the lookup gets the deadline that the API server put into the URL, less a reserve'],
    },
  ],
};
