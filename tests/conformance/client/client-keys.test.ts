import { afterAll, afterEach, beforeAll } from 'vitest'
import { testSubjects } from '../conformance-case.ts'
import { changedKeys } from './cases/changed-keys.ts'
import { severalDevices } from './cases/several-devices.ts'
import { stolenDevice } from './cases/stolen-device.ts'
import { ClientStage } from './client-stage.ts'

let stage: ClientStage

beforeAll(async () => {
  stage = await ClientStage.start()
})
afterEach(() => stage?.calm())
afterAll(() => stage?.[Symbol.asyncDispose]())

testSubjects([changedKeys, severalDevices, stolenDevice], () => stage)
