/** How often a property is tried. Against a mutant less often: it fails soon, if at all. */
export const runs = (usual: number): number =>
  process.env.SOTTO_MUTANTS === undefined ? usual : Math.ceil(usual / 3)
