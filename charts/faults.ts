/** Charts: all that is wrong with a webhook's props, and the props without it. Throws nothing. */
import { checkProps } from '../contract/args.ts';
import { renderFault } from '../contract/flag-fault.ts';
import { flagKeys } from '../contract/flags.ts';
import { unknownName } from './checks.ts';
import { checkTogether } from './cross-checks.ts';
import { given } from './given.ts';
import { propChecks } from './prop-checks.ts';
import { defaultPort } from './settings.ts';
import type { PodIdentityWebhookProps } from './webhook-props.ts';

/** Props that can be rendered, whatever was given. */
export interface CheckedProps {
  /** One line for each fault: the prop, the value, the rule, the way out. */
  readonly faults: readonly string[];
  /** The props without those at fault, so that synth can go on and name the faults of the whole app. */
  readonly soundProps: PodIdentityWebhookProps;
}

type PropKey = keyof typeof propChecks;
const propKeys = Object.keys(propChecks) as readonly PropKey[];
const known: ReadonlySet<string> = new Set([...propKeys, ...flagKeys]);
/** What stands in for an image that is missing, until synth fails. */
const noImage = 'none';

/** Returns what is wrong with the props of a webhook. @param namespace where the props name none */
export function checkWebhookProps(props: PodIdentityWebhookProps, namespace: string): CheckedProps {
  const present: Readonly<Record<string, unknown>> = given(props);
  const faults = [...checkEach(present), ...checkProps({ port: defaultPort, ...present })];
  const bad = new Set(faults.map(({ flag }) => topOf(flag)));
  const sound = Object.entries(present).filter(([key]) => known.has(key) && !bad.has(key));
  const soundProps = { image: noImage, ...Object.fromEntries(sound) };
  return { faults: [...faults, ...checkTogether(soundProps, namespace)].map(renderFault), soundProps };
}

function checkEach(props: Readonly<Record<string, unknown>>) {
  const strangers = Object.keys(props).filter((key) => !known.has(key));
  return [
    ...(props.image === undefined ? [missingImage] : []),
    ...strangers.map((key) => unknownName(key, key, [...known])),
    ...propKeys.flatMap((key) => (props[key] === undefined ? [] : propChecks[key](props[key], key))),
  ];
}

const missingImage = {
  flag: 'image',
  rule: 'must be given',
  remedy: 'give the name of the image that make image made',
};

/** Returns the prop that a fault's path is in: `identities` of `identities[0].roleArn`. */
function topOf(path: string): string {
  return path.split(/[.[]/, 1)[0] ?? path;
}
