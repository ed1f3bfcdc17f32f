/** Behaviour: the shape of the table that docs/behaviour.md is rendered from. Holds no rows. */

/** Since when users know a behaviour: the readme of 2019, the Go webhook since then, or only this program. */
export type Origin = '2019' | 'today' | 'ours';

/** One thing that users may rely on, and the tests that fail when it ends. */
export interface BehaviourRow {
  /** Unique, kebab-case; what issues and commits call it by. */
  readonly id: string;
  readonly since: Origin;
  /** In Markdown, on one line. */
  readonly what: string;
  /**
   * At least one. `cases: FOLDER` is a folder of test/server/core/cases; else a file below test/ without its ending, and a
   * test's name as the file has it, `…` standing for each `${value}`.
   */
  readonly tests: readonly `${string}: ${string}`[];
}

/** Rows about one subject, under a heading. */
export interface BehaviourSection {
  readonly title: string;
  readonly rows: readonly BehaviourRow[];
}
