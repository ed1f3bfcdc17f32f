/** IO, log: how verbose each source file is (klog's -v and -vmodule). Pure; writes nothing. */
import type { Config } from '../../../contract/flags.ts';

/**
 * Returns the function that says how verbose a module is: the greater of `v` and the level of the first pattern of
 * `vmodule` that matches. A pattern matches the file's name, or with slashes the end of its path; `*` and `?` stay
 * within one part of the path.
 * @param config `vmodule` as the flag's row admits it; a module is a path below server/ without ending
 * @see https://pkg.go.dev/k8s.io/klog/v2 on vmodule
 */
export function verbosityByModule(config: Pick<Config, 'v' | 'vmodule'>): (module: string) => number {
  const rules = config.vmodule.split(',').filter(Boolean).map(parseRule);
  return (module) => Math.max(config.v, rules.find(({ regex }) => regex.test(module))?.level ?? 0);
}

function parseRule(rule: string): { readonly regex: RegExp; readonly level: number } {
  const [pattern = '', level] = rule.split('=');
  const source = pattern
    .replaceAll(/[\\^$.+()[\]{}|]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]');
  return { regex: new RegExp(`(^|/)${source}$`), level: Number(level) };
}
