/** Bench: the service accounts that all parts of the bench agree on, each made from its number alone. Keeps none. */

/** A service account; without a role its pods go through unchanged. */
export interface Account {
  readonly namespace: string;
  readonly name: string;
  readonly roleArn: string | undefined;
}

/** Every so manieth account has a role: four of five pods of a usual cluster have none. */
export const roleEvery = 5;

/** Returns the account of that number; numbers that `roleEvery` divides have a role. */
export function account(index: number): Account {
  const name = `account-${index}`;
  const roleArn = index % roleEvery === 0 ? `arn:aws:iam::123456789012:role/bench/${name}` : undefined;
  return { namespace: `team-${index % 100}`, name, roleArn };
}

/** Returns the number in an account's name, or undefined if there is none. */
export function tryAccountIndex(name: string): number | undefined {
  const digits = /^account-(\d+)$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Returns the account as an API server of today shows it: some 700 bytes of JSON, half of them managed fields. */
export function apiObject(index: number): Readonly<Record<string, unknown>> {
  const { namespace, name, roleArn } = account(index);
  const time = '2024-05-01T12:00:00Z';
  return {
    kind: 'ServiceAccount',
    apiVersion: 'v1',
    metadata: {
      name,
      namespace,
      uid: `0f3b1c52-9a7e-4d1b-8c2f-${index.toString(16).padStart(12, '0')}`,
      resourceVersion: String(1000 + index),
      creationTimestamp: time,
      labels: { 'app.kubernetes.io/name': name, 'app.kubernetes.io/managed-by': 'Helm' },
      ...(roleArn && { annotations: { 'eks.amazonaws.com/role-arn': roleArn } }),
      managedFields: [
        {
          manager: 'helm',
          operation: 'Update',
          apiVersion: 'v1',
          time,
          fieldsType: 'FieldsV1',
          fieldsV1: {
            'f:metadata': {
              'f:annotations': { '.': {}, 'f:eks.amazonaws.com/role-arn': {} },
              'f:labels': { '.': {}, 'f:app.kubernetes.io/managed-by': {}, 'f:app.kubernetes.io/name': {} },
            },
          },
        },
      ],
    },
    automountServiceAccountToken: true,
  };
}
