type Plant = 'early-acceptance' | 'forgotten-retries' | 'short-tokens' | 'disturbed-broker'

const fileOf = (name: Plant | 'environment') => new URL(`./plant-${name}.ts`, import.meta.url).href

/** The environment for a process with one of the plants in this folder. */
export function planted(name: Plant): NodeJS.ProcessEnv {
  return { NODE_OPTIONS: `--import ${fileOf(name)}` }
}

/**
 * The environment for a cluster whose services get the additional variables `environment`. Its supervisor passes on
 * only the variables that the product reads, so one of its modules has to be replaced.
 */
export function inServices(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    NODE_OPTIONS: `--import ${fileOf('environment')}`,
    SOTTO_TEST_SERVICES: JSON.stringify(environment),
  }
}
