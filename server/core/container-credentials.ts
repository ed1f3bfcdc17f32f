/** Core: the file that names who gets container credentials (EKS Pod Identity). Reads no file. */
import { isObject, kindOf } from './json.ts';
import type { ServiceAccountRef } from './types.ts';

/** A part of the file that is not used; the message names it, what was found, and the rule. */
export interface CredentialsFileFault {
  readonly code: 'credentials-file-not-json' | 'credentials-file-bad-entry';
  readonly message: string;
}

/** What is good in the file, and what is not. */
export interface DecodedCredentialsFile {
  readonly accounts: readonly ServiceAccountRef[];
  readonly faults: readonly CredentialsFileFault[];
}

/** Returns the service accounts that the file names; an empty file names nobody. Never throws. */
export function decodeCredentialsFile(text: string): DecodedCredentialsFile {
  if (text.trim() === '') return { accounts: [], faults: [] };
  const root = tryParse(text);
  const identities = isObject(root) ? (root.identities ?? []) : undefined;
  if (!Array.isArray(identities)) {
    const message = 'must hold JSON, {"identities": [{"namespace": "...", "serviceAccount": "..."}]}, or nothing';
    return { accounts: [], faults: [{ code: 'credentials-file-not-json', message }] };
  }
  const decoded = identities.map(decodeEntry);
  return {
    accounts: decoded.filter((one) => 'name' in one),
    faults: decoded.filter((one) => 'code' in one),
  };
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function decodeEntry(entry: unknown, i: number): ServiceAccountRef | CredentialsFileFault {
  const at = `identities[${i}]`;
  if (!isObject(entry)) return badEntry(`${at} must be an object, not ${kindOf(entry)}`);
  const { namespace, serviceAccount } = entry;
  for (const [field, value] of Object.entries({ namespace, serviceAccount })) {
    if (typeof value === 'string' && value !== '') continue;
    const found = value === undefined ? 'absent' : value === '' ? 'empty' : kindOf(value);
    return badEntry(`${at}.${field} must be a name, not ${found}`);
  }
  return { namespace: String(namespace), name: String(serviceAccount) };
}

const badEntry = (message: string): CredentialsFileFault => ({ code: 'credentials-file-bad-entry', message });
