/** The environment of a process in which one of the files beside this plants its bug. */
export function planted(name: 'early-acceptance' | 'forgotten-retries'): NodeJS.ProcessEnv {
  return { NODE_OPTIONS: `--import ${new URL(`./plant-${name}.ts`, import.meta.url).href}` }
}
