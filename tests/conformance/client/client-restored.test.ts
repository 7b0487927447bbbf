import { afterAll, afterEach, beforeAll } from 'vitest'
import { testSubjects } from '../conformance-case.ts'
import { restoredServer } from './cases/restored-server.ts'
import { ClientStage } from './client-stage.ts'

let stage: ClientStage

beforeAll(async () => {
  stage = await ClientStage.start()
})
afterEach(() => stage?.calm())
afterAll(() => stage?.[Symbol.asyncDispose]())

testSubjects([restoredServer], () => stage)
