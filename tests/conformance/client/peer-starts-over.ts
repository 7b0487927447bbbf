import { TestDevice } from '../../network/device.ts'
import type { TestNetwork } from '../../network/network.ts'
import type { Person } from '../../network/people.ts'

/** The peer loses every device, and starts with new keys on another one. */
export async function startOver(network: TestNetwork, peer: Person): Promise<TestDevice> {
  await peer.device.close()
  const device = await TestDevice.open(network, "robin's new device")
  peer.devices.splice(0, peer.devices.length, device)
  await peer.enter(device)
  await device.stage('locked')
  await device.commands.startWithNewKeys({ name: peer.name, picture: null })
  peer.recoveryCode = await device.confirmRecovery()
  await device.online()
  return device
}
