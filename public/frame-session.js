// A session in a frame that keeps no cookie: the key lives in this document alone. Links and forms are fetched with it
// and shown in its place, so the document stays; it stands in no address, and a reload leads back to the course.
(() => {
  const given = document.getElementById('frame-session');
  const { key, address } = given.dataset;
  delete given.dataset.key;
  const { htmx } = window;
  // Refusals are pages as well.
  htmx.config.responseHandling = [{ code: '.*', swap: true }];
  htmx.config.inlineScriptNonce = document.currentScript.nonce;
  htmx.config.historyCacheSize = 0;
  document.body.setAttribute('hx-boost', 'true');
  document.body.setAttribute('hx-push-url', 'false');

  const ours = (target) => new URL(target, location.href).origin === location.origin;
  document.addEventListener('htmx:configRequest', ({ detail }) => {
    if (ours(detail.path)) detail.headers['x-frame-key'] = key;
  });

  const load = (target) =>
    htmx.ajax('GET', target, { target: 'body', swap: 'innerHTML', headers: { 'HX-Boosted': 'true' } });

  document.addEventListener('htmx:beforeSwap', ({ detail }) => {
    const { xhr } = detail;
    if (/^text\/html/.test(xhr.getResponseHeader('content-type') ?? '')) return;
    detail.shouldSwap = false;
    download(xhr);
  });
  // The address shows the page, so that forms without an action and the Back button mean it.
  document.addEventListener('htmx:afterSwap', ({ detail }) => {
    if (detail.target === document.body && detail.xhr.responseURL !== location.href)
      history.pushState(null, '', detail.xhr.responseURL);
  });
  window.addEventListener('popstate', () => load(location.href));

  function download(xhr) {
    const type = xhr.getResponseHeader('content-type') ?? 'application/octet-stream';
    const name = /filename="?([^";]+)/.exec(xhr.getResponseHeader('content-disposition') ?? '');
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([xhr.response], { type }));
    link.download = name === null ? '' : name[1];
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  htmx.process(document.body);
  history.replaceState(null, '', address);
  load(address);
})();
