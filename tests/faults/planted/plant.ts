/** The environment of a process in which one of the files beside this takes effect. */
export function planted(
  name: 'early-acceptance' | 'forgotten-retries' | 'short-tokens',
): NodeJS.ProcessEnv {
  return { NODE_OPTIONS: `--import ${new URL(`./plant-${name}.ts`, import.meta.url).href}` }
}
