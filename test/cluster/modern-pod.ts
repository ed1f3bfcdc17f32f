/** Test cluster: a pod spec with what pods have learned in the years since typed webhooks dropped it. Pure data. */

const image = 'localhost/none:1';

/** Every field here must be in the pod that comes back. @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/ */
export const modernSpec = {
  schedulingGates: [{ name: 'example.com/wait' }],
  hostUsers: false,
  setHostnameAsFQDN: false,
  os: { name: 'linux' },
  priority: 0,
  resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '200m', memory: '128Mi' } },
  resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 'gpu' }],
  securityContext: {
    seccompProfile: { type: 'RuntimeDefault' },
    appArmorProfile: { type: 'Unconfined' },
    supplementalGroupsPolicy: 'Strict',
    fsGroupChangePolicy: 'OnRootMismatch',
  },
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      topologyKey: 'topology.kubernetes.io/zone',
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: { matchLabels: { app: 'x' } },
      matchLabelKeys: ['pod-template-hash'],
      nodeAffinityPolicy: 'Honor',
      nodeTaintsPolicy: 'Ignore',
    },
  ],
  initContainers: [
    {
      name: 'sidecar',
      image,
      restartPolicy: 'Always',
      startupProbe: { grpc: { port: 9000, service: 'ready' }, failureThreshold: 7 },
      lifecycle: { preStop: { sleep: { seconds: 3 } } },
    },
    { name: 'init', image },
  ],
  containers: [
    {
      name: 'app',
      image,
      imagePullPolicy: 'Never',
      env: [
        { name: 'POD_IP', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'status.hostIPs' } } },
        { name: 'WORK', value: '$(POD_IP) and "quotes"\n~/path~1' },
      ],
      resizePolicy: [
        { resourceName: 'cpu', restartPolicy: 'NotRequired' },
        { resourceName: 'memory', restartPolicy: 'RestartContainer' },
      ],
      restartPolicy: 'Never',
      restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }],
      resources: { requests: { cpu: '10m' }, claims: [{ name: 'gpu', request: 'one' }] },
      livenessProbe: { grpc: { port: 9000 }, terminationGracePeriodSeconds: 5, periodSeconds: 10 },
      volumeMounts: [
        { name: 'a-b', mountPath: '/data', readOnly: true, recursiveReadOnly: 'IfPossible' },
        { name: 'artifact', mountPath: '/artifact', subPathExpr: '$(POD_IP)' },
      ],
    },
    { name: 'plain', image },
  ],
  volumes: [
    { name: 'a-b', emptyDir: { sizeLimit: '1Gi' } },
    { name: 'artifact', image: { reference: 'localhost/artifact:1', pullPolicy: 'IfNotPresent' } },
    {
      name: 'scratch',
      ephemeral: {
        volumeClaimTemplate: {
          spec: { accessModes: ['ReadWriteOncePod'], resources: { requests: { storage: '1Gi' } } },
        },
      },
    },
  ],
} as const;
