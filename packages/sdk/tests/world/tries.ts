/** The stories of `npm test`, the same each time. `SOTTO_STORIES=random` tells new ones; a failure prints their seed. */
const STORIES = 20_261_130

/** How often a property is tried, and with which stories. Against a mutant less often: it fails soon, if at all. */
export function tries(usual: number): { numRuns: number; seed?: number } {
  const numRuns = process.env.SOTTO_MUTANTS === undefined ? usual : Math.ceil(usual / 3)
  return process.env.SOTTO_STORIES === 'random' ? { numRuns } : { numRuns, seed: STORIES }
}
