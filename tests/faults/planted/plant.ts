type Plant = 'early-acceptance' | 'forgotten-retries' | 'short-tokens' | 'disturbed-broker'

const fileOf = (name: Plant | 'environment') => new URL(`./plant-${name}.ts`, import.meta.url).href

/** The environment for a process in which one of the files in this folder takes effect. */
export function planted(name: Plant): NodeJS.ProcessEnv {
  return { NODE_OPTIONS: `--import ${fileOf(name)}` }
}

/**
 * The environment of a cluster whose services get `environment` besides. Its supervisor passes on what
 * the product reads and nothing else, so that takes a module in the place of its own.
 */
export function inServices(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    NODE_OPTIONS: `--import ${fileOf('environment')}`,
    SOTTO_TEST_SERVICES: JSON.stringify(environment),
  }
}
