import {
  environmentOf as environmentOfProduct,
  type ServiceEnvironment,
} from '../../../apps/cluster/src/service-environment.ts'

export * from '../../../apps/cluster/src/service-environment.ts'

/** The environment of one instance, plus what a test adds to it: see `inServices`. */
export function environmentOf(
  instance: Parameters<typeof environmentOfProduct>[0],
  setting: ServiceEnvironment,
  env: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  const besides: NodeJS.ProcessEnv = JSON.parse(env.SOTTO_TEST_SERVICES ?? '{}')
  return { ...environmentOfProduct(instance, setting, env), ...besides }
}
