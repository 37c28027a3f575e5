/** What a sweep holds on to: buffers on the device, and the heap of the host. */
import v8 from 'node:v8';
import vm from 'node:vm';

/** A recording of the buffers of a device. */
export interface BufferRecorder {
  /** Ends the recording: most bytes that were alive at a time, of the buffers made since it began. */
  stop(): number;
}

/** Puts itself between the device and those who make buffers on it. */
export function recordBuffers(device: GPUDevice): BufferRecorder {
  const { createBuffer } = device;
  let alive = 0;
  let peak = 0;
  device.createBuffer = (descriptor) => {
    const buffer = createBuffer.call(device, descriptor);
    const { destroy } = buffer;
    alive += descriptor.size;
    peak = Math.max(peak, alive);
    let isAlive = true;
    buffer.destroy = () => {
      if (isAlive) alive -= descriptor.size;
      isAlive = false;
      return destroy.call(buffer);
    };
    return buffer;
  };
  return {
    stop() {
      device.createBuffer = createBuffer;
      return peak;
    },
  };
}

/** Bytes of the main thread's heap that are in use, after a collection. */
export function heapBytes(): number {
  v8.setFlagsFromString('--expose-gc');
  (vm.runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}
