// gpu.js probes `require('gl')` for a headless WebGL; this project uses its cpu, webasm and webgpu modes only.
module.exports = () => null;
