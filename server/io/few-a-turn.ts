/** IO: spreads over turns of the event loop what happens to many at once. Knows nothing of what is done. */

/** Returns a function that puts off what it is to do, to turns of the event loop that do so many each, in order. */
export function aFewATurn(count: number): (act: () => void) => void {
  const waiting: (() => void)[] = [];
  let isArmed = false;
  const arm = (): void => {
    if (isArmed || waiting.length === 0) return;
    isArmed = true;
    setImmediate(goOn);
  };
  const goOn = (): void => {
    isArmed = false;
    try {
      for (let left = count; left > 0 && waiting.length > 0; left--) waiting.shift()?.();
    } finally {
      // those behind one that throws have their turn all the same
      arm();
    }
  };
  return (act) => {
    waiting.push(act);
    arm();
  };
}
