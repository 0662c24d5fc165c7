// Tells the editor where its workers are. Import it before anything of the editor.
// WORKER_URLS is filled in by build.mjs.
globalThis.MonacoEnvironment = {
  getWorker(_id, label) {
    return new Worker(WORKER_URLS[`worker-${label}`] ?? WORKER_URLS['worker-editor']);
  },
};
